import ConnectionLimits
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import ServerTLS
import ServiceLifecycle

/// An address at which the engine serves HTTP: who answers there, with which certificate, and to how many.
struct HTTPListener: Service {
    /// Connections at once, in all and from one client.
    struct Limits {
        var total: Int
        var perClient: Int

        /// A browser opens six, and many may share an address.
        static let viewers = Limits(total: 2048, perClient: 512)
        static let control = Limits(total: 128, perClient: 32)
    }

    private let key: String
    private let address: ListenAddress
    private let application: any Service
    private let onShutdown: @Sendable () async -> Void

    /// - Parameters:
    ///   - name: what its connections are called in the log.
    ///   - key: the setting that says where it listens.
    ///   - text: the setting's value; port 0 picks a free one.
    ///   - certificate: nil is plain HTTP.
    ///   - onListening: is told the port as soon as it accepts connections.
    ///   - onShutdown: lets go of requests that wait for something.
    /// - Throws: ``MediaServerError/badAddress(key:value:)``
    init<Responder: HTTPResponder>(
        _ name: String, key: String, at text: String, _ limits: Limits, certificate: ServerCertificate? = nil,
        responder: Responder, eventLoopGroup: any EventLoopGroup, logger: Logger,
        onListening: @escaping @Sendable (Int) async -> Void = { _ in },
        onShutdown: @escaping @Sendable () async -> Void = {}
    ) throws(MediaServerError) where Responder.Context == EngineRequestContext {
        let address = try ListenAddress(text, key: key)
        self.key = key
        self.address = address
        self.onShutdown = onShutdown
        application = Application(
            responder: responder,
            server: Self.server(name, limits, certificate, logger),
            configuration: ApplicationConfiguration(address: .hostname(address.bindHost, port: address.port)),
            onServerRunning: { channel in await onListening(channel.localAddress?.port ?? address.port) },
            eventLoopGroupProvider: .shared(eventLoopGroup),
            logger: logger
        )
    }

    private static func server(
        _ name: String, _ limits: Limits, _ certificate: ServerCertificate?, _ logger: Logger
    ) -> HTTPServerBuilder {
        let counter = ConnectionCounter(name, total: limits.total, perNetwork: limits.perClient, logger: logger)
        guard let certificate else { return .http1(configuration: .bounded(counter)) }
        let requests = ConnectionCounter(
            "\(name) by TLS", total: limits.total, perNetwork: limits.perClient, logger: logger)
        return HTTPServerBuilder { responder in
            SecureHTTPChannel(
                certificate: certificate, connections: counter, configuration: .bounded(requests), responder: responder)
        }
    }

    /// Serves until the service group shuts down.
    ///
    /// - Throws: ``MediaServerError`` when it can't listen.
    func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                // Throws when the group is cancelled because the listener failed; there is nothing to wait for then.
                try? await gracefulShutdown()
                await onShutdown()
            }
            do {
                try await application.run()
            } catch is CancellationError {
                // One that is cancelled has not failed.
                throw CancellationError()
            } catch {
                throw MediaServerError(error, key: key, address: address)
            }
            group.cancelAll()
        }
    }
}

extension HTTP1Channel.Configuration {
    /// For requests that have a short head and, if any, a short body.
    fileprivate static func bounded(_ counter: ConnectionCounter) -> Self {
        Self(
            additionalChannelHandlers: [HTTPConnectionLimits(counter: counter), ClientWatch()],
            httpDecoderConfiguration: DecoderConfiguration(
                maxHeaderFieldSize: 16 << 10, maxHeaderListSize: 16 << 10, maxHeaderFieldCount: 100))
    }
}
