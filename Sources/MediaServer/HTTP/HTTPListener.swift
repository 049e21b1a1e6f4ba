import ConnectionLimits
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import ServerTLS
import ServiceLifecycle

/// An address at which the engine serves HTTP: who answers there, with which certificate, and to how many.
struct HTTPListener: Service {
    /// Who asks there, which decides how many may and where they are answered.
    struct Audience {
        /// Connections at once, in all and from one client.
        var total: Int
        var perClient: Int
        /// For answers that are ready in memory. Others keep a loop from its viewers for too long.
        var isAnsweredOnEventLoop: Bool

        /// A browser opens six, and many may share an address.
        static let viewers = Audience(total: 2048, perClient: 512, isAnsweredOnEventLoop: true)
        static let control = Audience(total: 128, perClient: 32, isAnsweredOnEventLoop: false)
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
        _ name: String, key: String, at text: String, _ audience: Audience, certificate: ServerCertificate? = nil,
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
            server: Self.server(name, audience, certificate, logger),
            configuration: ApplicationConfiguration(address: .hostname(address.bindHost, port: address.port)),
            onServerRunning: { channel in await onListening(channel.localAddress?.port ?? address.port) },
            eventLoopGroupProvider: .shared(eventLoopGroup),
            logger: logger
        )
    }

    private static func server(
        _ name: String, _ audience: Audience, _ certificate: ServerCertificate?, _ logger: Logger
    ) -> HTTPServerBuilder {
        func counter(_ name: String) -> ConnectionCounter {
            ConnectionCounter(name, total: audience.total, perNetwork: audience.perClient, logger: logger)
        }
        let connections = counter(name)
        guard let certificate else {
            return server(audience) { HTTP1Channel(responder: $0, configuration: .bounded(connections)) }
        }
        let requests = counter("\(name) by TLS")
        return server(audience) {
            SecureHTTPChannel(
                certificate: certificate, connections: connections, configuration: .bounded(requests), responder: $0)
        }
    }

    private static func server<Child: ServerChildChannel>(
        _ audience: Audience, _ child: @escaping @Sendable (@escaping HTTPChannelHandler.Responder) -> Child
    ) -> HTTPServerBuilder {
        audience.isAnsweredOnEventLoop
            ? HTTPServerBuilder { OnEventLoop(child($0)) } : HTTPServerBuilder { child($0) }
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
