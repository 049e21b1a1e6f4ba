import ConnectionLimits
import EngineContract
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import ServiceLifecycle
import StreamProtocols

/// The HTTP listener of the control API.
struct ControlAPIServer: Service {
    /// Connections at once, in all and from one client.
    private static let connectionLimit = 128
    private static let connectionLimitPerClient = 32

    private let application: Application<ControlAPIResponder>

    /// - Parameters:
    ///   - hls: whose sessions are listed too; nil when HLS is switched off.
    ///   - onListening: is told the port as soon as it accepts connections.
    init(
        engine: MediaEngine, hls: HLSDelivery?, clock: EngineClock, address: ListenAddress, allowOrigins: [String],
        eventLoopGroup: any EventLoopGroup, logger: Logger,
        onListening: @escaping @Sendable (Int) async -> Void
    ) {
        application = Application(
            responder: ControlAPIResponder(
                api: EngineControl(engine: engine, hls: hls, started: clock.wallTime.description),
                allowOrigins: allowOrigins),
            server: .http1(
                configuration: .bounded(
                    ConnectionCounter(
                        "the control API", total: Self.connectionLimit, perNetwork: Self.connectionLimitPerClient,
                        logger: logger))),
            configuration: ApplicationConfiguration(address: .hostname(address.bindHost, port: address.port)),
            onServerRunning: { channel in await onListening(channel.localAddress?.port ?? address.port) },
            eventLoopGroupProvider: .shared(eventLoopGroup),
            logger: logger
        )
    }

    func run() async throws { try await application.run() }
}
