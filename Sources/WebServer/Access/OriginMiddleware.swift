import ConnectionLimits
import Hummingbird
import Logging
import StreamModel
import Synchronization

/// Finds out where a request comes from, before anything else is decided about it.
final class OriginMiddleware: RouterMiddleware {
    private let proxies: TrustedProxies
    private let isSecure: Bool
    private let unknownProxyIsTold = Atomic(false)

    /// - Parameter isSecure: whether the listener speaks TLS.
    init(proxies: TrustedProxies, isSecure: Bool) {
        self.proxies = proxies
        self.isSecure = isSecure
    }

    func handle(
        _ request: Request, context: WebRequestContext,
        next: (Request, WebRequestContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        context.origin = proxies.origin(of: request.head, peer: context.peer, isSecure: isSecure)
        if request.headers[.forwardedFor] != nil, let peer = context.peer, !proxies.contains(peer) {
            tellUnknownProxy(peer, context.logger)
        }
        return try await next(request, context)
    }

    /// Logged once: without the setting, all clients behind the proxy count as one, and a wrong password of one slows down all.
    private func tellUnknownProxy(_ peer: IPAddress, _ logger: Logger) {
        guard unknownProxyIsTold.exchange(true, ordering: .relaxed) == false else { return }
        logger.notice(
            """
            \(peer) passes on requests as a reverse proxy does. If it is yours, name it in \
            TOPOSYNC_STREAMING_TRUSTED_PROXIES; until then all clients behind it count as one.
            """)
    }
}
