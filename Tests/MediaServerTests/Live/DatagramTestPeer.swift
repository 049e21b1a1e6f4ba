import NIOCore
import NIOPosix
import StreamProtocols

/// The two UDP ports of a client that does exactly what a test says.
final class DatagramTestPeer: Sendable {
    private let rtp: any Channel
    private let rtcp: any Channel
    private let packets: AsyncStream<[UInt8]>
    private let reports: AsyncStream<[UInt8]>

    init() async throws {
        (rtp, packets) = try await Self.open()
        (rtcp, reports) = try await Self.open()
    }

    /// A port, and what comes there.
    private static func open() async throws -> (any Channel, AsyncStream<[UInt8]>) {
        let (received, continuation) = AsyncStream.makeStream(of: [UInt8].self)
        let channel = try await DatagramBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Collector(continuation))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return (channel, received)
    }

    private final class Collector: ChannelInboundHandler {
        typealias InboundIn = AddressedEnvelope<ByteBuffer>
        private let continuation: AsyncStream<[UInt8]>.Continuation

        init(_ continuation: AsyncStream<[UInt8]>.Continuation) { self.continuation = continuation }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            continuation.yield([UInt8](unwrapInboundIn(data).data.readableBytesView))
        }
    }

    var ports: RTSPTransport.PortPair {
        .init(rtp: UInt16(rtp.localAddress?.port ?? 0), rtcp: UInt16(rtcp.localAddress?.port ?? 0))
    }

    func send(_ packet: [UInt8], to port: Int?) async throws { try await Self.send(packet, by: rtp, to: port) }

    /// Sends all of them at once, so that the machine is not between them for as long as it likes.
    func send(_ packets: [[UInt8]], to port: Int?) async throws {
        let address = try SocketAddress(ipAddress: "127.0.0.1", port: port ?? 0)
        for packet in packets {
            rtp.write(AddressedEnvelope(remoteAddress: address, data: ByteBuffer(bytes: packet)), promise: nil)
        }
        rtp.flush()
    }

    func send(report: [UInt8], to port: Int?) async throws { try await Self.send(report, by: rtcp, to: port) }

    private static func send(_ bytes: [UInt8], by channel: any Channel, to port: Int?) async throws {
        let address = try SocketAddress(ipAddress: "127.0.0.1", port: port ?? 0)
        try await channel.writeAndFlush(AddressedEnvelope(remoteAddress: address, data: ByteBuffer(bytes: bytes)))
    }

    /// The next packet that is sent to the port for RTP.
    func packet() async throws -> [UInt8] {
        for await bytes in packets { return bytes }
        throw CancellationError()
    }

    /// The packets of the next compound that is sent to the port for reports.
    func report() async throws -> [RTCPPacket] {
        for await bytes in reports { return try RTCPPacket.parseCompound(bytes) }
        throw CancellationError()
    }

    func close() async throws {
        try await rtp.close()
        try await rtcp.close()
    }
}
