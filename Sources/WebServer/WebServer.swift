import ConnectionLimits
import ControlPlane
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import ServerTLS
import ServiceLifecycle
import WebSecurity

/// The HTTP API and the web pages.
public struct WebServer: Service {
    private let configuration: WebServerConfiguration
    private let service: StreamingService
    private let files: WebUIFiles
    private let logger: Logger
    private let onListening: @Sendable (Int) async -> Void
    private let listeningPort = ListeningPort()
    /// Of all listeners.
    private let webSockets: ConnectionCounter

    /// - Parameter onListening: called once with the port of ``WebServerConfiguration/host``, when every listener is there.
    public init(
        _ configuration: WebServerConfiguration, service: StreamingService, files: WebUIFiles, logger: Logger,
        onListening: @escaping @Sendable (_ port: Int) async -> Void
    ) {
        self.configuration = configuration
        self.service = service
        self.files = files
        self.logger = logger
        self.onListening = onListening
        webSockets = PlaybackSocketRoutes.counter(logger)
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
    /// - Throws: ``ListenFailure`` when a port is taken.
    public func run() async throws {
        let listeners: [Listener] = [.direct] + (configuration.ingress.map { [.ingress($0)] } ?? [])
        let (events, sink) = AsyncStream<Event>.makeStream()
        // Not children: what an answer waits for need not heed its cancellation, and a child would be waited for.
        let serving = listeners.map { (listener: Listener) in
            let application = makeApplication(listener) { sink.yield(.listening(listener, port: $0)) }
            return Task {
                do {
                    sink.yield(.ended(.success(try await application.run())))
                } catch {
                    sink.yield(.ended(.failure(failure(of: listener, error))))
                }
            }
        }
        let limit = Task {
            try await gracefulShutdown()
            try await Task.sleep(for: Self.stopTimeout)
            logger.notice("Requests that are still being answered are given up.")
            sink.finish()
        }
        defer {
            limit.cancel()
            for task in serving { task.cancel() }
        }
        var directPort = 0
        var (listening, ended) = (0, 0)
        for await event in events {
            switch event {
            case .listening(let listener, let port):
                if case .direct = listener {
                    directPort = port
                    listeningPort.set(port)
                }
                listening += 1
                guard listening == listeners.count else { continue }
                await service.pagesOpened(at: network.firstURL, version: configuration.version)
                await onListening(directPort)
            case .ended(let result):
                try result.get()
                ended += 1
                if ended == listeners.count { return }
            }
        }
    }

    private enum Event {
        case listening(Listener, port: Int)
        case ended(Result<Void, any Error>)
    }

    private func address(of listener: Listener) -> (host: String, port: Int) {
        switch listener {
        case .direct: (configuration.host, configuration.port)
        case .ingress(let ingress): (IngressConfiguration.host, ingress.port)
        }
    }

    private func failure(of listener: Listener, _ cause: any Error) -> ListenFailure {
        let (host, port) = address(of: listener)
        return ListenFailure(host: host, port: port, isIngress: listener.isIngress, cause: cause)
    }

    private func makeApplication(
        _ listener: Listener, onListening: @escaping @Sendable (_ port: Int) -> Void
    ) -> some ApplicationProtocol {
        let (host, port) = address(of: listener)
        return Application(
            responder: makeResponder(listener), server: makeServer(listener),
            configuration: ApplicationConfiguration(address: .hostname(host, port: port), reuseAddress: true),
            onServerRunning: { channel in onListening(channel.localAddress?.port ?? 0) },
            logger: logger)
    }

    func makeServer(_ listener: Listener) -> HTTPServerBuilder {
        let proxies = proxies(of: listener).networks
        switch (listener, configuration.certificate) {
        case (.direct, let certificate?):
            let connections = counter("the web server")
            // Streams of HTTP/2 as well as connections of HTTP/1.1.
            let requests = counter("requests to the web server", times: 2)
            let configuration = channelConfiguration([HTTPConnectionLimits(counter: requests, proxies: proxies)])
            return HTTPServerBuilder { responder in
                // What takes longer leaves the loop (`APIRouter`).
                OnEventLoop(
                    SecureHTTPChannel(
                        certificate: certificate, connections: connections, proxies: proxies,
                        configuration: configuration, responder: responder))
            }
        case (.direct, nil):
            let counter = counter("the web server")
            return http1(channelConfiguration([HTTPConnectionLimits(counter: counter, proxies: proxies)]))
        case (.ingress(let ingress), _):
            let counter = counter("the ingress port")
            let allowed = AllowedPeers([ingress.peer], name: "the ingress port", logger: logger)
            return http1(
                channelConfiguration([
                    PeerFilter(allowed), HTTPConnectionLimits(counter: counter, proxies: proxies),
                ]))
        }
    }

    private func http1(_ configuration: HTTP1Channel.Configuration) -> HTTPServerBuilder {
        HTTPServerBuilder { responder in
            OnEventLoop(HTTP1Channel(responder: responder, configuration: configuration))
        }
    }

    private func counter(_ name: String, times factor: Int = 1) -> ConnectionCounter {
        ConnectionCounter(
            name, total: factor * Self.connectionLimit, perNetwork: factor * Self.connectionLimitPerClient,
            logger: logger)
    }

    /// - Parameter handlers: made anew for each connection.
    private func channelConfiguration(
        _ handlers: @autoclosure @escaping @Sendable () -> [any RemovableChannelHandler]
    ) -> HTTP1Channel.Configuration {
        HTTP1Channel.Configuration(
            additionalChannelHandlers: [WebSocketDoor()] + handlers() + [ClientWatch()], idleTimeout: nil,
            httpDecoderConfiguration: HTTP1Channel.Configuration.DecoderConfiguration(
                maxHeaderFieldSize: Self.headerSizeLimit, maxHeaderListSize: Self.headerSizeLimit,
                maxHeaderFieldCount: Self.headerCountLimit))
    }

    /// Whose word is taken for where a request comes from. Supervisor tells that as proxies do.
    private func proxies(of listener: Listener) -> TrustedProxies {
        switch listener {
        case .direct: configuration.trustedProxies
        case .ingress(let ingress): TrustedProxies(networks: [ingress.peer])
        }
    }

    /// Every operation of the API, the description of itself included.
    private var network: NetworkRoute {
        NetworkRoute(
            host: configuration.host, port: listeningPort, isSecure: configuration.certificate != nil,
            hostNetwork: service.hostNetwork)
    }

    var routes: [APIRoute] {
        let routes =
            StreamRoutes(service: service).routes + CollectionRoutes(service: service).routes
            + EventLogRoutes(service: service).routes
            + WebhookRoutes(service: service).routes + MQTTRoutes(service: service).routes
            + BackupRoutes(service: service, productVersion: configuration.version).routes
            + AccountRoutes(accounts: service.accounts).routes + MediaRoutes(service: service).routes
            + VisionRoutes(service: service).routes
            + PlaybackSocketRoutes(service: service, counter: webSockets).routes
            + HomeAssistantRoutes(
                service: service, host: configuration.host, port: listeningPort,
                isSecure: configuration.certificate != nil
            ).routes + [
                EventRoute.route(service), MetricsRoute.route(service),
                DiagnosticsBundleRoute.route(service, productVersion: configuration.version),
                network.route,
            ]
        return routes + [OpenAPIDocument.route(describing: routes, version: configuration.version)]
    }

    func makeResponder(_ listener: Listener) -> some HTTPResponder<WebRequestContext> {
        let router = Router(context: WebRequestContext.self, options: .autoGenerateHeadEndpoints)
        router.addMiddleware {
            SecurityHeaders()
            ErrorMiddleware()
            OriginMiddleware(
                proxies: proxies(of: listener), isSecure: !listener.isIngress && configuration.certificate != nil)
        }
        switch listener {
        case .direct:
            router.addMiddleware {
                RequestGuardMiddleware(
                    ownNames: configuration.allowedHosts.union(HostName.names(ofMachine: configuration.machineName)))
                IdentityMiddleware(accounts: service.accounts)
            }
        case .ingress(let ingress):
            router.addMiddleware {
                // We are called by Home Assistant's names, which it checks itself.
                RequestGuardMiddleware(ownNames: nil)
                IngressIdentityMiddleware(ingress: ingress)
            }
        }
        router.addMiddleware { PagesMiddleware(files: files) }
        APIRouter(routes: routes).register(in: router)
        return router.buildResponder()
    }
}

extension Listener {
    fileprivate var isIngress: Bool { if case .ingress = self { true } else { false } }
}
