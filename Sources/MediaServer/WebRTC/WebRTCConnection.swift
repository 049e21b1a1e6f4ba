import ConnectionLimits
import NIOCore
import NIOPosix
import StreamProtocols

/// A client's TCP connection, for networks that let no UDP through (RFC 6544): datagrams with their length before each (RFC 4571).
///
/// Unchecked: all that changes is used on the engine's event loop alone, on which the channel lives; what is sent from another one
/// crosses to it in order.
final class WebRTCConnection: ChannelInboundHandler, WebRTCRoute, @unchecked Sendable {
    typealias InboundIn = ByteBuffer

    /// From here on a connection counts as not writable, and below the second it is writable again.
    static let writeBuffer = ChannelOptions.Types.WriteBufferWaterMark(low: 64 << 10, high: 256 << 10)

    private let channel: any Channel
    private let directory: WebRTCDirectory
    private let source: TransportAddress
    private weak var transport: WebRTCTransport?
    private var datagrams = FramedDatagrams(limit: DatagramBinding.packetLimit)
    private var proofTimer: LoopTimer?
    private let onClose: () -> Void

    /// - Parameter onClose: called once.
    init(
        _ channel: any Channel, from source: TransportAddress, _ directory: WebRTCDirectory, clock: EngineClock,
        onClose: @escaping () -> Void
    ) {
        self.channel = channel
        self.source = source
        self.directory = directory
        self.onClose = onClose
        // Whoever connects has something to prove, and soon.
        proofTimer = clock.schedule(after: WebRTCTransport.handshakeLimit) { [weak self] in
            guard let self, transport == nil else { return }
            self.channel.close(promise: nil)
        }
    }

    // MARK: ChannelInboundHandler

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        datagrams.append(unwrapInboundIn(data).readableBytesView)
        do throws(FramedDatagrams.TooLong) {
            while let datagram = try datagrams.next() { received(datagram) }
        } catch {
            context.close(promise: nil)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        proofTimer?.cancel()
        onClose()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func received(_ bytes: ArraySlice<UInt8>) {
        switch WebRTCDatagram(bytes) {
        case .stun: directory.take(check: bytes, from: source, by: self, of: transport)
        case .dtls: transport?.receive(dtls: bytes)
        case .rtcp: transport?.receive(control: bytes, from: source)
        case .rtp: transport?.receive(media: bytes)
        case .other: break
        }
    }

    // MARK: WebRTCRoute

    let name = "tcp"
    var isCongested: Bool { !channel.isWritable }

    func send(_ run: DatagramRun) -> Int {
        var framed = channel.allocator.buffer(capacity: run.byteCount + 2 * run.packetCount)
        for packet in run.packets {
            framed.writeInteger(UInt16(clamping: packet.readableBytes))
            framed.writeImmutableBuffer(packet)
        }
        channel.write(framed, promise: nil)
        return run.byteCount
    }

    func flush() { channel.flush() }

    var localPort: Int { channel.localAddress?.port ?? 0 }

    func assign(to transport: WebRTCTransport) { self.transport = transport }

    func release(from transport: WebRTCTransport) {
        guard self.transport === transport else { return }
        self.transport = nil
        channel.close(promise: nil)
    }
}

/// The TCP port of WebRTC.
final class WebRTCListener {
    /// Connections at once, in all and of one client.
    static let limit = 2048
    static let limitPerClient = 256

    private let channel: any Channel

    /// - Throws: ``MediaServerError``
    init(_ text: String, key: String, engine: MediaEngine, on eventLoop: any EventLoop) async throws {
        let address = try ListenAddress(text, key: key)
        do {
            channel = try await ServerBootstrap(group: eventLoop)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
                .childChannelOption(.writeBufferWaterMark, value: WebRTCConnection.writeBuffer)
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture { try engine.assumeIsolated { try $0.acceptWebRTC(channel) } }
                }
                .bind(host: address.bindHost, port: address.port).get()
        } catch {
            throw MediaServerError(error, key: key, address: address)
        }
    }

    var number: Int { channel.localAddress?.port ?? 0 }

    func close() async { try? await channel.close() }
}
