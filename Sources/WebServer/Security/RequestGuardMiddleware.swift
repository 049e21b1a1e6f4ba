import Hummingbird
import WebSecurity

/// Refuses requests that a foreign web page makes a browser send to us, before every route.
struct RequestGuardMiddleware: RouterMiddleware {
    let requestGuard: RequestGuard

    /// - Parameter ownNames: see ``RequestGuard/ownNames``.
    init(ownNames: Set<String>?) {
        requestGuard = RequestGuard(ownNames: ownNames, setting: "TOPOSYNC_STREAMING_ALLOWED_HOSTS")
    }

    func handle(
        _ request: Request, context: WebRequestContext,
        next: (Request, WebRequestContext) async throws -> Response
    ) async throws -> Response {
        if let refusal = requestGuard.refusal(
            of: request.head, forwardedAuthority: context.origin.forwardedAuthority)
        {
            return .failure(refusal.status, refusal.detail)
        }
        return try await next(request, context)
    }
}
