import ConnectionLimits
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
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
            server: .http1(
                configuration: .bounded(
                    ConnectionCounter(
                        "HLS", total: Self.connectionLimit, perNetwork: Self.connectionLimitPerClient, logger: logger))
            ),
            configuration: ApplicationConfiguration(address: .hostname(host, port: port)),
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

extension HTTP1Channel.Configuration {
    /// For requests that have a short head and, if any, a short body.
    static func bounded(_ counter: ConnectionCounter) -> Self {
        Self(
            additionalChannelHandlers: [HTTPConnectionLimits(counter: counter)],
            httpDecoderConfiguration: DecoderConfiguration(
                maxHeaderFieldSize: 16 << 10, maxHeaderListSize: 16 << 10, maxHeaderFieldCount: 100))
    }
}
