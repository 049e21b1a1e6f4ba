import MediaKit
import StreamModel
import StreamProtocols
import Testing

@testable import PipelineKit

@Suite struct StartBufferTests {
    private func unit(keyframe: Bool, size: Int = 10, at time: Int64 = 0) -> PublishedUnit {
        var stream = PublishedStream(.h264, origin: .now)
        let nalUnits: [ArraySlice<UInt8>] =
            keyframe
            ? [[0x67, 0x64, 0, 0x1F], [0x68, 0xEE], [0x65]] : [[0x41] + [UInt8](repeating: 1, count: size)]
        return stream.picture(Sample(nalUnits: nalUnits, presentationTime: time, isRandomAccess: keyframe))
    }

    private func sound(at time: Int64 = 0) -> PublishedUnit {
        var unit = unit(keyframe: false, at: time)
        unit.track = 1
        return unit
    }

    @Test func keepsWhatFollowsTheLastKeyframe() {
        var buffer = StartBuffer()
        #expect(buffer.append(unit(keyframe: false)) == 1)
        #expect(buffer.append(unit(keyframe: true)) == 0)
        #expect(buffer.append(unit(keyframe: false)) == 0)
        #expect(buffer.append(unit(keyframe: true)) == 2)
        #expect(buffer.append(unit(keyframe: false)) == 0)
        #expect(buffer.take().map(\.isKeyframe) == [true, false])
        #expect(buffer.isEmpty)
    }

    @Test func soundWaitsWithItsPicture() {
        var buffer = StartBuffer()
        #expect(buffer.append(sound()) == 0)
        #expect(buffer.isEmpty)
        _ = buffer.append(unit(keyframe: true))
        for time: Int64 in [0, 45_000, 90_000, 135_000] { #expect(buffer.append(sound(at: time)) == 0) }
        #expect(buffer.append(unit(keyframe: true, at: 90_000)) == 1, "one picture")
        _ = buffer.append(sound(at: 180_000))
        // Sound that came before its picture waits too.
        let taken = buffer.take()
        #expect(taken.map(\.isPicture) == [true, false, false, false])
        #expect(taken.map(\.time) == [1, 1, 1.5, 2].map { .seconds($0) })
    }

    @Test func isBounded() {
        var buffer = StartBuffer()
        _ = buffer.append(unit(keyframe: true))
        var dropped = 0
        for _ in 0..<1000 { dropped += buffer.append(unit(keyframe: false)) }
        #expect(dropped == 1001)
        #expect(buffer.isEmpty)
        _ = buffer.append(unit(keyframe: true))
        #expect(buffer.append(unit(keyframe: false, size: StartBuffer.byteLimit)) == 2)
    }

    /// Encoders give sound some pictures later.
    @Test func soundIsHandedOutBesideItsPicture() {
        var buffer = StartBuffer()
        _ = buffer.append(unit(keyframe: true))
        for time: Int64 in [3600, 7200, 10_800] { _ = buffer.append(unit(keyframe: false, at: time)) }
        var other = sound(at: 1800)
        other.track = 2
        for late in [sound(at: 0), sound(at: 3600), sound(at: 9000), sound(at: 12_600), other] {
            _ = buffer.append(late)
        }
        let taken = buffer.take()
        #expect(taken.map(\.track) == [0, 1, 2, 0, 1, 0, 1, 0, 1])
        #expect(taken.map(\.time) == [0, 0, 20, 40, 40, 80, 100, 120, 140].map { .milliseconds($0) })
    }

    /// In their decoding order, of which times of presentation say nothing.
    @Test func picturesKeepTheirOrder() {
        var buffer = StartBuffer()
        _ = buffer.append(unit(keyframe: true))
        for time: Int64 in [10_800, 3600, 7200] { _ = buffer.append(unit(keyframe: false, at: time)) }
        _ = buffer.append(sound(at: 5400))
        let taken = buffer.take()
        #expect(taken.filter(\.isPicture).map(\.time) == [0, 120, 40, 80].map { .milliseconds($0) })
        #expect(taken.map(\.track) == [0, 1, 0, 0, 0])
    }

    @Test func tellsOfWhichTracksNothingIsThere() {
        var buffer = StartBuffer()
        #expect(buffer.missing(of: [0, 1]) == [0, 1])
        _ = buffer.append(unit(keyframe: true))
        #expect(buffer.missing(of: [1, 2]) == [1, 2])
        _ = buffer.append(sound())
        #expect(buffer.missing(of: [1, 2]) == [2])
        #expect(buffer.missing(of: []).isEmpty)
    }

    /// Where each picture is a keyframe, sound that comes later than the next would never be beside one.
    @Test func aFurtherKeyframeWaitsBehindWhatIsKept() {
        var buffer = StartBuffer()
        for time: Int64 in [0, 3600, 7200] {
            #expect(buffer.append(unit(keyframe: true, at: time), keepingGroups: true) == 0)
        }
        _ = buffer.append(sound(at: 0), keepingGroups: true)
        #expect(buffer.take().map(\.track) == [0, 1, 0, 0])
        _ = buffer.append(unit(keyframe: true), keepingGroups: true)
        for _ in 1..<StartBuffer.unitLimit { _ = buffer.append(unit(keyframe: false), keepingGroups: true) }
        #expect(buffer.append(unit(keyframe: true), keepingGroups: true) == StartBuffer.unitLimit, "it is bounded")
        #expect(buffer.take().map(\.isKeyframe) == [true])
    }
}
