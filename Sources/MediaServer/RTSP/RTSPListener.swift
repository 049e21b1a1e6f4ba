import EngineContract
import Logging
import NIOCore
import NIOPosix
import NIOSSL
import ServerTLS
import StreamModel

/// The sockets of RTSP: the TCP listener, and the UDP pair for RTP and RTCP.
final class RTSPListener {
    /// Connections that the system holds until they are taken.
    private static let backlog: Int32 = 256
    /// From here on a viewer's connection counts as not writable, and below the second it is writable again.
    private static let writeBuffer = ChannelOptions.Types.WriteBufferWaterMark(low: 64 << 10, high: 256 << 10)

    private let configuration: EngineConfiguration
    private let engine: MediaEngine
    private let eventLoop: any EventLoop
    private let connectionLoops: any EventLoopGroup
    private let logger: Logger
    private var listeners: [any Channel] = []

    /// - Parameters:
    ///   - eventLoop: the engine's.
    ///   - connectionLoops: over which connections are spread.
    init(
        configuration: EngineConfiguration, engine: MediaEngine, eventLoop: any EventLoop,
        connectionLoops: any EventLoopGroup, logger: Logger
    ) {
        self.configuration = configuration
        self.engine = engine
        self.eventLoop = eventLoop
        self.connectionLoops = connectionLoops
        self.logger = logger
    }

    /// Opens the sockets.
    ///
    /// - Throws: ``MediaServerError``
    func start(_ ports: inout MediaServer.Ports) async throws {
        let address = try ListenAddress(configuration.rtspAddress, key: "rtspAddress")
        var datagrams: (rtp: DatagramSocket, rtcp: DatagramSocket)?
        if configuration.rtspTransports.contains(.udp) {
            let rtp = try await DatagramBinding.open(configuration.rtpAddress, key: "rtpAddress", on: eventLoop)
            do {
                datagrams = (
                    rtp, try await DatagramBinding.open(configuration.rtcpAddress, key: "rtcpAddress", on: eventLoop)
                )
            } catch {
                try? await rtp.channel.close()
                throw error
            }
        }
        ports.rtp = datagrams?.rtp.port
        ports.rtcp = datagrams?.rtcp.port

        do {
            if configuration.rtspEncryption != .strict {
                let channel = try await bind(address, key: "rtspAddress") { engine, channel in engine.accept(channel) }
                ports.rtsp = channel.localAddress?.port
            }
            if configuration.rtspEncryption != .no { ports.rtsps = try await bindSecure() }
            try await engine.useSockets(rtspPort: ports.rtsp ?? ports.rtsps ?? address.port, datagrams: datagrams)
        } catch {
            try? await datagrams?.rtp.channel.close()
            try? await datagrams?.rtcp.channel.close()
            throw error
        }
    }

    /// RTSP by TLS (RFC 7826 §19.2), with RTP in the same connection.
    ///
    /// - Returns: the port.
    private func bindSecure() async throws -> Int? {
        let certificate: ServerCertificate
        do throws(CertificateError) {
            certificate = try ServerCertificate(
                CertificateFiles(certificate: configuration.rtspServerCert, key: configuration.rtspServerKey),
                protocols: [], logger: logger)
        } catch {
            throw MediaServerError.certificate(error)
        }
        let address = try ListenAddress(configuration.rtspsAddress, key: "rtspsAddress")
        let channel = try await bind(address, key: "rtspsAddress") { engine, channel in
            certificate.context(on: channel.eventLoop).flatMapThrowing { context in
                try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context))
            }.flatMap { engine.accept(channel, isSecure: true) }
        }
        return channel.localAddress?.port
    }

    /// - Parameter accept: gives a new connection to the engine, on the connection's event loop.
    private func bind(
        _ address: ListenAddress, key: String,
        accept: @escaping @Sendable (MediaEngine, any Channel) -> EventLoopFuture<Void>
    ) async throws -> any Channel {
        let bootstrap = ServerBootstrap(group: eventLoop, childGroup: connectionLoops)
            .serverChannelOption(.backlog, value: Self.backlog)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.writeBufferWaterMark, value: Self.writeBuffer)
            .childChannelInitializer { [engine, logger] channel in
                accept(engine, channel).flatMapErrorThrowing { error in
                    logger.debug("A connection was refused: \(error)")
                    throw error
                }
            }
        do {
            let channel = try await bootstrap.bind(host: address.bindHost, port: address.port).get()
            listeners.append(channel)
            return channel
        } catch {
            throw MediaServerError(error, key: key, address: address)
        }
    }

    /// Takes no more connections.
    func close() async {
        let listeners = listeners
        self.listeners = []
        for listener in listeners { try? await listener.close() }
    }
}
