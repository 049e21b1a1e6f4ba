import ConnectionLimits
import ControlPlane
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import ServiceLifecycle
import WebSecurity

/// Where and how the web server listens.
public struct WebServerConfiguration: Sendable {
    /// An address, such as `127.0.0.1` or `0.0.0.0`.
    public var host: String
    /// 0 picks a free one.
    public var port: Int
    /// Names under which browsers may reach us beside addresses and `localhost`.
    public var allowedHosts: Set<String>
    /// The machine's own.
    public var machineName: String
    /// The version that the OpenAPI document shows.
    public var version: String

    public init(host: String, port: Int, allowedHosts: Set<String> = [], machineName: String, version: String) {
        self.host = host
        self.port = port
        self.allowedHosts = allowedHosts
        self.machineName = machineName
        self.version = version
    }
}

/// The HTTP API and the web pages.
public struct WebServer: Service {
    private let configuration: WebServerConfiguration
    private let service: StreamingService
    private let files: WebUIFiles
    private let logger: Logger
    private let onListening: @Sendable (Int) async -> Void

    /// - Parameter onListening: called once with the port; requests are answered when it returns.
    public init(
        _ configuration: WebServerConfiguration, service: StreamingService, files: WebUIFiles, logger: Logger,
        onListening: @escaping @Sendable (_ port: Int) async -> Void
    ) {
        self.configuration = configuration
        self.service = service
        self.files = files
        self.logger = logger
        self.onListening = onListening
    }

    /// Requests that are being answered have so long when the server stops.
    static let stopTimeout: Duration = .seconds(3)
    /// Header fields of a request at most, in bytes.
    private static let headerSizeLimit = 32 << 10
    private static let headerCountLimit = 128
    /// Connections at once, in all and from one address. A browser opens six.
    private static let connectionLimit = 512
    private static let connectionLimitPerClient = 128

    /// Listens until graceful shutdown, and ends within ``stopTimeout`` after it whatever requests wait for.
    ///
    /// - Throws: an `IOError` when the port is taken.
    public func run() async throws {
        let application = makeApplication()
        let (ends, end) = AsyncStream<Result<Void, any Error>>.makeStream()
        // Not a child: what an answer waits for need not heed its cancellation, and a child would be waited for.
        let serving = Task {
            do {
                end.yield(.success(try await application.run()))
            } catch {
                end.yield(.failure(error))
            }
        }
        let limit = Task {
            try await gracefulShutdown()
            try await Task.sleep(for: Self.stopTimeout)
            logger.notice("Requests that are still being answered are given up.")
            end.finish()
        }
        defer {
            limit.cancel()
            serving.cancel()
        }
        for await result in ends { return try result.get() }
    }

    private func makeApplication() -> some ApplicationProtocol {
        let counter = ConnectionCounter(
            "the web server", total: Self.connectionLimit, perNetwork: Self.connectionLimitPerClient, logger: logger)
        return Application(
            responder: makeResponder(),
            server: .http1(
                configuration: HTTP1Channel.Configuration(
                    additionalChannelHandlers: [HTTPConnectionLimits(counter: counter)], idleTimeout: nil,
                    httpDecoderConfiguration: HTTP1Channel.Configuration.DecoderConfiguration(
                        maxHeaderFieldSize: Self.headerSizeLimit, maxHeaderListSize: Self.headerSizeLimit,
                        maxHeaderFieldCount: Self.headerCountLimit))),
            configuration: ApplicationConfiguration(
                address: .hostname(configuration.host, port: configuration.port), reuseAddress: true),
            onServerRunning: { [onListening] channel in await onListening(channel.localAddress?.port ?? 0) },
            logger: logger)
    }

    /// Every operation of the API, the description of itself included.
    var routes: [APIRoute] {
        let routes =
            StreamRoutes(service: service).routes + CollectionRoutes(service: service).routes
            + AccountRoutes(accounts: service.accounts).routes + [MetricsRoute.route(service)]
        return routes + [OpenAPIDocument.route(describing: routes, version: configuration.version)]
    }

    func makeResponder() -> some HTTPResponder<WebRequestContext> {
        let router = Router(context: WebRequestContext.self, options: .autoGenerateHeadEndpoints)
        router.addMiddleware {
            SecurityHeaders()
            ErrorMiddleware()
            RequestGuardMiddleware(
                ownNames: configuration.allowedHosts.union(HostName.names(ofMachine: configuration.machineName)))
            IdentityMiddleware(accounts: service.accounts)
            PagesMiddleware(files: files)
        }
        APIRouter(routes: routes).register(in: router)
        return router.buildResponder()
    }
}
