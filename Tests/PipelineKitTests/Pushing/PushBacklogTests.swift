import StreamModel
import StreamProtocols
import Testing

@testable import PipelineKit

@Suite struct PushBacklogTests {
    private func unit(keyframe: Bool, size: Int = 10) -> PublishedUnit {
        var stream = PublishedStream(.h264, origin: .now)
        let nalUnits: [ArraySlice<UInt8>] =
            keyframe
            ? [[0x67, 0x64, 0, 0x1F], [0x68, 0xEE], [0x65]] : [[0x41] + [UInt8](repeating: 1, count: size)]
        return stream.picture(Sample(nalUnits: nalUnits, presentationTime: 0, isRandomAccess: keyframe))
    }

    @Test func aConnectionBeginsWithTheNewestKeyframe() {
        var backlog = PushBacklog()
        for isKeyframe in [true, false, true, false] { #expect(backlog.append(unit(keyframe: isKeyframe)) == 0) }
        #expect(backlog.take().isEmpty, "nothing is sent before there is a connection")
        backlog.open()
        #expect(backlog.take().map(\.isKeyframe) == [true, false])
        #expect(backlog.append(unit(keyframe: false)) == 0)
        #expect(backlog.take().count == 1)
    }

    @Test func aConnectionWithoutOneWaitsForIt() {
        var backlog = PushBacklog()
        backlog.open()
        #expect(backlog.append(unit(keyframe: false)) == 1)
        #expect(backlog.append(unit(keyframe: true)) == 0)
        #expect(backlog.take().map(\.isKeyframe) == [true])
    }

    @Test func whatIsTooSlowLosesAllUpToTheNextKeyframe() {
        var backlog = PushBacklog()
        backlog.open()
        var dropped = backlog.append(unit(keyframe: true))
        for _ in 1..<PushBacklog.unitLimit { dropped += backlog.append(unit(keyframe: false)) }
        #expect(dropped == 0)
        #expect(backlog.append(unit(keyframe: false)) == PushBacklog.unitLimit + 1)
        #expect(backlog.append(unit(keyframe: false)) == 1)
        #expect(backlog.append(unit(keyframe: true)) == 0)
        #expect(backlog.append(unit(keyframe: false, size: PushBacklog.byteLimit)) == 2, "bytes are bounded too")
        #expect(backlog.take().isEmpty)
    }

    @Test func whatWaitedForALostConnectionIsForgotten() {
        var backlog = PushBacklog()
        backlog.open()
        _ = backlog.append(unit(keyframe: true))
        backlog.close()
        backlog.open()
        #expect(backlog.take().isEmpty)
    }
}
