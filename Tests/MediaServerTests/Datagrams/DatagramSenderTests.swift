import NIOCore
import NIOPosix
import Testing

@testable import MediaServer

/// The system's own way of sending, on the loopback interface.
@Suite(.timeLimit(.minutes(1))) struct DatagramSenderTests {
    private let loop = MultiThreadedEventLoopGroup.singleton.next()

    /// A socket with a way out, and what comes to another one.
    private func run(
        at address: String = "127.0.0.1:0",
        _ body:
            @escaping @Sendable (DatagramSocket, SocketAddress, inout AsyncStream<[UInt8]>.Iterator) async throws ->
            Void
    ) async throws {
        let (received, continuation) = AsyncStream.makeStream(of: [UInt8].self)
        let receiver = try await DatagramBootstrap(group: loop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        DatagramReceiver { buffer, _ in continuation.yield([UInt8](buffer.readableBytesView)) })
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let socket = try await DatagramBinding.open(address, key: "test", on: loop)
        var iterator = received.makeAsyncIterator()
        try await body(socket, try #require(receiver.localAddress), &iterator)
        try await socket.channel.close()
        try await receiver.close()
    }

    private static let sizes = Array(repeating: 1216, count: 40) + [300]

    /// - Parameter gap: bytes between a packet and the next one.
    private static func run(gap: Int = 0) throws -> DatagramRun {
        var all = ByteBuffer()
        for (number, size) in sizes.enumerated() {
            all.writeRepeatingByte(UInt8(number), count: size)
            all.writeRepeatingByte(0xFF, count: gap)
        }
        return try #require(DatagramRun.runs(of: all, sizes: sizes, gap: gap).first)
    }

    @Test("packets arrive as they are, whether or not the system cuts them apart", arguments: [true, false], [0, 4])
    func packetsArrive(takesRuns: Bool, gap: Int) async throws {
        try await run { socket, address, received in
            let run = try Self.run(gap: gap)
            let peer = DatagramPeer(address, takesRuns: takesRuns && System.supportsUDPSegmentationOffload)
            #expect(socket.send(run, to: peer) == run.byteCount)
            for (number, size) in Self.sizes.enumerated() {
                #expect(await received.next() == [UInt8](repeating: UInt8(number), count: size))
            }
            #expect(peer.takesRuns == (takesRuns && System.supportsUDPSegmentationOffload))
        }
    }

    @Test("a peer that can't be sent to disturbs no other")
    func unreachablePeers() async throws {
        try await run { socket, address, received in
            let run = try Self.run()
            // Port 0 is nobody's; 240.0.0.0/4 no network leads to (RFC 1112 §4).
            for nowhere in [
                try SocketAddress(ipAddress: "127.0.0.1", port: 0), try SocketAddress(ipAddress: "240.0.0.1", port: 9),
            ] {
                let peer = DatagramPeer(nowhere)
                // It is done with: there is nothing to wait for.
                #expect(socket.send(run, to: peer) == run.byteCount)
                #expect(socket.send(DatagramRun(ByteBuffer(string: "lost")), to: peer) == 4)
            }
            #expect(socket.channel.isActive)
            #expect(socket.send(DatagramRun(ByteBuffer(string: "seen")), to: DatagramPeer(address)) == 4)
            #expect(await received.next() == Array("seen".utf8))
        }
    }

    @Test("where packets are refused as one, they go one by one from then on")
    func refusedRuns() async throws {
        try await run { socket, _, _ in
            let peer = DatagramPeer(try SocketAddress(ipAddress: "127.0.0.1", port: 0), takesRuns: true)
            _ = socket.send(DatagramRun(ByteBuffer(string: "a single one says nothing")), to: peer)
            #expect(peer.takesRuns)
            _ = socket.send(try Self.run(), to: peer)
            #expect(!peer.takesRuns)
        }
    }

    @Test("one socket takes viewers of both families")
    func bothFamilies() async throws {
        try await run(at: ":0") { socket, address, received in
            let isIPv6 = socket.channel.localAddress?.protocol == .inet6
            let mapped = isIPv6 ? try SocketAddress(ipAddress: "::ffff:127.0.0.1", port: address.port ?? 0) : address
            #expect(socket.send(DatagramRun(ByteBuffer(string: "here")), to: DatagramPeer(mapped)) == 4)
            #expect(await received.next() == Array("here".utf8))
        }
    }

    @Test func aPortThatIsTakenIsNamed() async throws {
        try await run { socket, _, _ in
            let address = "127.0.0.1:\(socket.port)"
            await #expect(throws: MediaServerError.portTaken(key: "test", address: address)) {
                _ = try await DatagramBinding.open(address, key: "test", on: socket.channel.eventLoop)
            }
        }
    }
}
