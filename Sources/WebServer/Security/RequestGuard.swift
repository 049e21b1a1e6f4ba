import HTTPTypes
import Hummingbird

/// Refuses requests that a foreign web page makes a browser send to us.
///
/// A page can point its own name at our address (DNS rebinding) and then read our answers: so names that are not ours are
/// refused, while addresses are always fine. And a page can send us writes without reading the answer: so writes from
/// another origin are refused.
struct RequestGuard: RouterMiddleware {
    /// Names that are ours beside `localhost` and everything under `.local`, which public DNS never answers for.
    var ownNames: Set<String>

    func handle(
        _ request: Request, context: WebRequestContext,
        next: (Request, WebRequestContext) async throws -> Response
    ) async throws -> Response {
        if let refusal = refusal(of: request.head) { return .failure(refusal.status, refusal.detail) }
        return try await next(request, context)
    }

    /// Why a request is refused; nil when it is not.
    func refusal(of request: HTTPRequest) -> (status: HTTPResponse.Status, detail: String)? {
        guard let host = HostName(authority: request.authority) else {
            return (.badRequest, "The request names no valid host.")
        }
        guard isOurs(host) else {
            return (
                .forbidden,
                "This server does not answer to the name '\(host.name)'. Use its address, or add the name to "
                    + "TOPOSYNC_STREAMING_ALLOWED_HOSTS."
            )
        }
        guard isRead(request.method) || isSameOrigin(request) else {
            return (.forbidden, "Another site's page may not change this server.")
        }
        return nil
    }

    private func isOurs(_ host: HostName) -> Bool {
        host.isAddress || host.name == "localhost" || host.name.hasSuffix(".localhost") || host.name.hasSuffix(".local")
            || ownNames.contains(host.name)
    }

    private func isRead(_ method: HTTPRequest.Method) -> Bool {
        [.get, .head, .options].contains(method)
    }

    /// Browsers send `Origin` with every write; programs that are no browsers need not.
    private func isSameOrigin(_ request: HTTPRequest) -> Bool {
        if request.headerFields[.fetchSite] == "cross-site" { return false }
        guard let origin = request.headerFields[.origin] else { return true }
        guard let schemeEnd = origin.firstRange(of: "://") else { return false }
        return origin[schemeEnd.upperBound...].lowercased() == request.authority?.lowercased()
    }
}
