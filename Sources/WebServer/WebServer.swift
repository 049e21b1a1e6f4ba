import ControlPlane
import Hummingbird
import Logging
import NIOCore
import ServiceLifecycle

/// Where and how the web server listens.
public struct WebServerConfiguration: Sendable {
    /// An address, such as `127.0.0.1` or `0.0.0.0`.
    public var host: String
    /// 0 picks a free one.
    public var port: Int
    /// Names under which browsers may reach us beside addresses, `localhost` and `*.local`.
    public var allowedHosts: Set<String>
    /// The version that the OpenAPI document shows.
    public var version: String

    public init(host: String, port: Int, allowedHosts: Set<String> = [], version: String) {
        self.host = host
        self.port = port
        self.allowedHosts = allowedHosts
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

    /// - Parameter onListening: called once with the port when requests are answered.
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

    /// Listens until graceful shutdown.
    ///
    /// - Throws: an `IOError` when the port is taken.
    public func run() async throws {
        try await makeApplication().run()
    }

    private func makeApplication() -> some ApplicationProtocol {
        Application(
            responder: makeResponder(),
            configuration: ApplicationConfiguration(
                address: .hostname(configuration.host, port: configuration.port), reuseAddress: true),
            onServerRunning: { [onListening] channel in await onListening(channel.localAddress?.port ?? 0) },
            logger: logger)
    }

    /// Every operation of the API, the description of itself included.
    var routes: [APIRoute] {
        let routes =
            StreamRoutes(service: service).routes + CollectionRoutes(service: service).routes
            + [MetricsRoute.route(service)]
        return routes + [OpenAPIDocument.route(describing: routes, version: configuration.version)]
    }

    func makeResponder() -> some HTTPResponder<WebRequestContext> {
        let router = Router(context: WebRequestContext.self, options: .autoGenerateHeadEndpoints)
        router.addMiddleware {
            SecurityHeaders()
            ErrorMiddleware()
            RequestGuardMiddleware(ownNames: configuration.allowedHosts)
            PagesMiddleware(files: files)
        }
        APIRouter(routes: routes).register(in: router)
        return router.buildResponder()
    }
}
