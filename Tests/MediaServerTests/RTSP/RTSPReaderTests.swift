import ConnectionLimits
import EngineContract
import Logging
import NIOCore
import NIOPosix
import StreamModel
import StreamProtocols
import Testing

@testable import MediaServer

/// A viewer by UDP while its clock stands still: what a burst may have is sent, and the rest waits.
@Suite(.timeLimit(.minutes(1))) struct RTSPReaderTests {
    private let loop = MultiThreadedEventLoopGroup.singleton.next()

    private struct Viewer {
        let reader: RTSPReader
        let counts: ReaderCounts
        let queues: ReaderQueues
        /// Of the tracks 0, pictures, and 1, sound.
        let outputs: [DatagramOutput]

        var queuedByteCount: Int { outputs.reduce(0) { $0 + $1.queuedByteCount } }
    }

    /// - Returns: what `body` found on the viewer's event loop.
    private func run<Findings: Sendable>(
        queueLimit: Int, _ body: @escaping @Sendable (Viewer) -> Findings
    ) async throws -> Findings {
        let peers = [try await DatagramTestPeer(), try await DatagramTestPeer()]
        let rtp = try await DatagramBinding.open("127.0.0.1:0", key: "rtpAddress", on: loop)
        let rtcp = try await DatagramBinding.open("127.0.0.1:0", key: "rtcpAddress", on: loop)
        let ports = peers.map(\.ports)
        let findings = try await loop.submit { [loop] in
            let clock = EngineClock(
                eventLoop: loop, now: { .seconds(1) }, wallTime: { ProgramDateTime(millisecondsSinceEpoch: 0) },
                sleepUntil: { _ in })
            let core = try EngineCore(
                configuration: EngineConfiguration(), ownExecutable: nil, clock: clock, logger: Logger(label: "test"))
            let client = try SocketAddress(ipAddress: "127.0.0.1", port: 9)
            let channel = try #require(core.admit(client, isSecure: false, on: loop))
            let here = try #require(IPAddress("127.0.0.1"))
            let endpoint = RTPDatagramEndpoint(rtp: rtp, rtcp: rtcp)
            let outputs = try ports.map { ports in
                try #require(
                    DatagramOutput(
                        endpoint: endpoint, peer: here, rtpPort: ports.rtp, rtcpPort: ports.rtcp, clock: clock,
                        onReport: { _ in }))
            }
            let (counts, queues) = (ReaderCounts(), ReaderQueues())
            let reader = RTSPReader(
                channel: channel, eventLoop: loop, outputs: [0: .datagrams(outputs[0]), 1: .datagrams(outputs[1])],
                counts: counts, queueLimit: queueLimit, queues: queues)
            defer { for output in outputs { output.close() } }
            return body(Viewer(reader: reader, counts: counts, queues: queues, outputs: outputs))
        }.get()
        for socket in [rtp, rtcp] { try await socket.channel.close() }
        for peer in peers { try await peer.close() }
        return findings
    }

    /// A sample of a track, with the packets that carry it.
    private static func delivery(_ track: Int, _ byteCount: Int, isKeyframe: Bool = false) -> Delivery {
        let bytes = [UInt8](repeating: 0x55, count: byteCount)
        let packets = stride(from: 0, to: byteCount, by: 1400).map { start in
            RTPPacket(
                marker: start + 1400 >= byteCount, payloadType: 96, sequenceNumber: UInt16(start / 1400), timestamp: 0,
                ssrc: 7, payload: bytes[start..<min(start + 1400, byteCount)])
        }
        return Delivery(
            unit: StreamUnit(
                number: 0, track: track,
                sample: Sample(nalUnits: [bytes[...]], presentationTime: 0, isRandomAccess: isKeyframe),
                media: .h264(nil), isKeyframe: isKeyframe, wallTime: ProgramDateTime(millisecondsSinceEpoch: 0)),
            packets: MediaBatch(packets: packets, track: track, profile: .rtsp, allocator: ByteBufferAllocator()))
    }

    private static func start(_ group: [Delivery]) -> StreamStart {
        StreamStart(formats: [], pictureTracks: [0], reports: [], group: group)
    }

    @Test("of what waits for a viewer there is a limit, and pictures beyond it are left out up to the next keyframe")
    func slowViewer() async throws {
        let (dropped, queued, rest) = try await run(queueLimit: 100_000) { viewer in
            viewer.reader.begin(Self.start([]))
            viewer.reader.deliver(Self.delivery(0, 10_000, isKeyframe: true))
            for _ in 0..<100 { viewer.reader.deliver(Self.delivery(0, 10_000)) }
            let (dropped, queued) = (viewer.counts.droppedUnitCount, viewer.queuedByteCount)
            viewer.reader.stop()
            return (dropped, queued, viewer.queuedByteCount + viewer.queues.byteCount)
        }
        #expect((80...90).contains(dropped))
        #expect((100_000...112_000).contains(queued))
        #expect(rest == 0)
    }

    @Test("sound that comes while the first group of pictures still waits does not make its viewer a slow one")
    func soundDuringTheFirstGroup() async throws {
        let (queued, dropped) = try await run(queueLimit: 20_000) { viewer in
            viewer.reader.begin(Self.start([Self.delivery(0, 200_000, isKeyframe: true)]))
            let queued = viewer.queuedByteCount
            for _ in 0..<3 {
                viewer.reader.deliver(Self.delivery(1, 200))
                viewer.reader.deliver(Self.delivery(0, 1000))
            }
            viewer.reader.stop()
            return (queued, viewer.counts.droppedUnitCount)
        }
        #expect(queued > 100_000)
        #expect(dropped == 0)
    }
}
