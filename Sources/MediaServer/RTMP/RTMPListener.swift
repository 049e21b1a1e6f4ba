import NIOCore
import NIOPosix

/// The socket that programs publish to by RTMP.
struct RTMPListener {
    /// Connections that the system holds until they are taken.
    private static let backlog: Int32 = 64
    /// From here on a client does not read what it is sent, which is little.
    private static let writeBuffer = ChannelOptions.Types.WriteBufferWaterMark(low: 16 << 10, high: 64 << 10)

    private let channel: any Channel

    /// Opens it. All connections live on the engine's event loop: publishers are few.
    ///
    /// - Throws: ``MediaServerError``
    init(_ address: String, engine: MediaEngine, on eventLoop: any EventLoop) async throws {
        let key = "rtmpAddress"
        let listen = try ListenAddress(address, key: key)
        let bootstrap = ServerBootstrap(group: eventLoop, childGroup: eventLoop)
            .serverChannelOption(.backlog, value: Self.backlog)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.writeBufferWaterMark, value: Self.writeBuffer)
            .childChannelInitializer { [engine] channel in engine.acceptRTMP(channel) }
        do {
            channel = try await bootstrap.bind(host: listen.bindHost, port: listen.port).get()
        } catch {
            throw MediaServerError(error, key: key, address: listen)
        }
    }

    var port: Int? { channel.localAddress?.port }

    /// Takes no more connections.
    func close() async { try? await channel.close() }
}
