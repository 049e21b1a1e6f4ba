import ConnectionLimits
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import ServerTLS
import ServiceLifecycle

/// The HTTP listener of HLS.
struct HLSServer: Service {
    /// Connections at once, in all and from one client: a browser opens six, and many may share an address.
    private static let connectionLimit = 2048
    private static let connectionLimitPerClient = 512

    private let delivery: HLSDelivery
    private let application: Application<HLSResponder>

    /// - Parameters:
    ///   - port: 0 picks a free one.
    ///   - certificate: nil is plain HTTP.
    ///   - onListening: is told the port as soon as it accepts connections.
    init(
        delivery: HLSDelivery,
        host: String,
        port: Int,
        certificate: ServerCertificate? = nil,
        eventLoopGroup: any EventLoopGroup,
        logger: Logger,
        onListening: @escaping @Sendable (Int) async -> Void = { _ in }
    ) {
        self.delivery = delivery
        application = Application(
            responder: HLSResponder(delivery: delivery),
            server: Self.server(certificate, logger),
            configuration: ApplicationConfiguration(address: .hostname(host, port: port)),
            onServerRunning: { channel in
                await onListening(channel.localAddress?.port ?? port)
            },
            eventLoopGroupProvider: .shared(eventLoopGroup),
            logger: logger
        )
    }

    private static func server(_ certificate: ServerCertificate?, _ logger: Logger) -> HTTPServerBuilder {
        let counter = ConnectionCounter(
            "HLS", total: connectionLimit, perNetwork: connectionLimitPerClient, logger: logger)
        guard let certificate else { return .http1(configuration: .bounded(counter)) }
        let requests = ConnectionCounter(
            "HLS by TLS", total: connectionLimit, perNetwork: connectionLimitPerClient, logger: logger)
        return HTTPServerBuilder { responder in
            SecureHTTPChannel(
                certificate: certificate, connections: counter, configuration: .bounded(requests), responder: responder)
        }
    }

    /// Serves until the service group shuts down, and then lets go of requests that wait for a stream.
    func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                // Throws when the group is cancelled because the listener failed; there is nothing to wait for then.
                try? await gracefulShutdown()
                await delivery.shutdown()
            }
            try await application.run()
            group.cancelAll()
        }
    }
}

extension HTTP1Channel.Configuration {
    /// For requests that have a short head and, if any, a short body.
    static func bounded(_ counter: ConnectionCounter) -> Self {
        Self(
            additionalChannelHandlers: [HTTPConnectionLimits(counter: counter)],
            httpDecoderConfiguration: DecoderConfiguration(
                maxHeaderFieldSize: 16 << 10, maxHeaderListSize: 16 << 10, maxHeaderFieldCount: 100))
    }
}
