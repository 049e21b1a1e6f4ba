import Dispatch
import Logging
import NIOCore
import NIOPosix
import StreamProtocols
import Testing

@testable import MediaServer

/// Readers that live on another event loop than their stream.
@Suite(.timeLimit(.minutes(1))) struct ReaderLoopTests {
    /// A stream of pictures on one loop, and another loop that can be made to stand still.
    private final class Rig: Sendable {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        let own: any EventLoop
        let other: any EventLoop
        private let source: NIOLoopBoundBox<Source?>
        private let gate = DispatchSemaphore(value: 0)

        init() {
            own = group.next()
            other = group.next()
            source = .makeEmptyBox(eventLoop: own)
        }

        func start() async throws {
            try await own.submit { [own, source] in
                source.value = Source(
                    stream: Stream(
                        path: "test", formats: [RTPFormat(.h264(nil))], maximumPayloadSize: 1400,
                        clock: EngineClock(eventLoop: own), logger: Logger(label: "test")))
            }.get()
        }

        func onStream(_ body: @escaping @Sendable (Stream) -> Void) async throws {
            try await own.submit { [source] in if let stream = source.value?.stream { body(stream) } }.get()
        }

        /// One picture, whose last byte is `number`.
        func publish(_ number: UInt8, isKey: Bool = false, byteCount: Int = 10) async throws {
            let slice: [UInt8] =
                [isKey ? 0x65 : 0x41, 0x80] + Array(repeating: 0xAB, count: byteCount) + [number]
            try await own.submit { [source] in source.value?.publish(slice, isKey: isKey) }.get()
        }

        func standStill() { other.execute { [gate] in gate.wait() } }

        func goOn() { gate.signal() }

        /// Returns when everything that was on its way to the other loop is there.
        func arrived() async throws { try await other.submit {}.get() }

        func end() async throws {
            try await onStream { $0.end() }
            try await arrived()
            try await group.shutdownGracefully()
        }
    }

    private struct Source {
        let stream: Stream
        private var packetizer = H264Packetizer()
        private var time: Int64 = 0

        init(stream: Stream) { self.stream = stream }

        mutating func publish(_ slice: [UInt8], isKey: Bool) {
            time += 3600
            let picture = Sample(nalUnits: [slice[...]], presentationTime: time, isRandomAccess: isKey)
            for packet in packetizer.packetize(picture) { stream.receive(rtp: packet.serialized(), track: 0) }
        }
    }

    @Test func whatComesCrossesInOrderAndOnce() async throws {
        let rig = Rig()
        try await rig.start()
        try await rig.publish(1, isKey: true)
        try await rig.publish(2)
        let readers = [
            RecordingReader(on: rig.other), RecordingReader(on: rig.other), RecordingReader(.samples, on: rig.other),
            RecordingReader(on: rig.own),
        ]
        rig.standStill()
        try await rig.onStream { stream in for reader in readers { stream.add(reader) } }
        try await rig.publish(3)
        try await rig.publish(4, isKey: true)
        #expect(readers.map(\.deliveries.count) == [0, 0, 0, 4])
        rig.goOn()
        try await rig.arrived()
        try await rig.publish(5)
        try await rig.arrived()
        for reader in readers {
            #expect(reader.numbers == [1, 2, 3, 4, 5])
            #expect(reader.groupCounts == [2])
        }
        // Packets are made once for all loops.
        #expect(readers[2].batches.isEmpty)
        for reader in readers[0...1] {
            #expect(reader.batches.count == 5)
            #expect(zip(reader.batches, readers[3].batches).allSatisfy { $0 === $1 })
        }
        try await rig.end()
    }

    @Test func whoIsRemovedGetsWhatIsUnderWayAndNoMore() async throws {
        let rig = Rig()
        try await rig.start()
        let (leaving, staying) = (RecordingReader(on: rig.other), RecordingReader(on: rig.other))
        try await rig.onStream { stream in
            stream.add(leaving)
            stream.add(staying)
        }
        rig.standStill()
        try await rig.publish(1, isKey: true)
        try await rig.onStream { $0.remove(leaving) }
        try await rig.publish(2)
        rig.goOn()
        try await rig.arrived()
        #expect(leaving.numbers == [1])
        #expect(staying.numbers == [1, 2])
        try await rig.onStream { $0.remove(staying) }
        try await rig.publish(3)
        try await rig.onStream { stream in #expect(!stream.isUsed) }
        try await rig.end()
        #expect(staying.numbers == [1, 2])
        #expect(!leaving.hasEnded && !staying.hasEnded)
    }

    @Test func theEndComesBehindWhatIsUnderWay() async throws {
        let rig = Rig()
        try await rig.start()
        let reader = RecordingReader(on: rig.other)
        try await rig.onStream { $0.add(reader) }
        rig.standStill()
        try await rig.publish(1, isKey: true)
        try await rig.publish(2)
        try await rig.onStream { stream in
            stream.end()
            // What its session does, which hears of the end later.
            stream.remove(reader)
        }
        #expect(!reader.hasEnded)
        rig.goOn()
        try await rig.arrived()
        #expect(reader.numbers == [1, 2])
        #expect(reader.hasEnded && reader.goodbyes.map(\.track) == [0])
        try await rig.end()
    }

    /// Pictures that nobody takes don't pile up, and nobody gets one that refers to one that he did not get.
    @Test func aLoopThatStandsStillLacksPicturesUpToAKeyframe() async throws {
        let rig = Rig()
        try await rig.start()
        let (slow, other) = (RecordingReader(.samples, on: rig.other), RecordingReader(.samples, on: rig.own))
        try await rig.onStream { stream in
            stream.add(slow)
            stream.add(other)
        }
        rig.standStill()
        let byteCount = ReaderLoop.backlogLimit / 4
        for number in 0..<8 { try await rig.publish(UInt8(number), isKey: number % 6 == 0, byteCount: byteCount) }
        rig.goOn()
        try await rig.arrived()
        try await rig.publish(8)
        try await rig.publish(9, isKey: true)
        try await rig.publish(10)
        try await rig.arrived()
        #expect(other.numbers == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
        // The limit is passed with the fourth; the keyframe 6 is left out as well, and so is what follows it.
        #expect(slow.numbers == [0, 1, 2, 3, 9, 10])
        try await rig.end()
    }
}
