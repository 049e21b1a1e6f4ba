import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import ServiceLifecycle

/// The HTTP listener of HLS.
struct HLSServer: Service {
    /// Connections at once; more wait in the backlog.
    private static let maximumConnections = 2048
    /// A connection without a request is closed after this time.
    private static let idleTimeout = TimeAmount.seconds(60)

    private let delivery: HLSDelivery
    private let application: Application<HLSResponder>

    /// - Parameters:
    ///   - port: 0 picks a free one.
    ///   - onListening: is told the port as soon as it accepts connections.
    init(
        delivery: HLSDelivery,
        host: String,
        port: Int,
        eventLoopGroup: any EventLoopGroup,
        logger: Logger,
        onListening: @escaping @Sendable (Int) async -> Void = { _ in }
    ) {
        self.delivery = delivery
        application = Application(
            responder: HLSResponder(delivery: delivery),
            server: .http1(configuration: HTTP1Channel.Configuration(idleTimeout: Self.idleTimeout)),
            configuration: ApplicationConfiguration(
                address: .hostname(host, port: port),
                availableConnectionsDelegate: MaximumAvailableConnections(Self.maximumConnections)
            ),
            onServerRunning: { channel in
                await onListening(channel.localAddress?.port ?? port)
            },
            eventLoopGroupProvider: .shared(eventLoopGroup),
            logger: logger
        )
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
