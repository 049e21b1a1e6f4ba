import ControlPlane
import HTTPTypes
import Hummingbird

/// Finds out who sends a request: by the cookie of a browser, or the token of a program (RFC 6750 §2.1).
struct IdentityMiddleware: RouterMiddleware {
    /// Set without a path, so that a browser sends it to `…/api/` alone, whatever prefix a proxy puts before it
    /// (RFC 6265 §5.1.4).
    static let cookieName = "toposync_session"

    var accounts: Accounts

    func handle(
        _ request: Request, context: WebRequestContext,
        next: (Request, WebRequestContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        context.identity = await accounts.identity(
            cookie: request.cookies[Self.cookieName]?.value, bearer: Self.bearer(request.headers[.authorization]))
        return try await next(request, context)
    }

    private static func bearer(_ authorization: String?) -> String? {
        guard let authorization, let space = authorization.firstIndex(of: " "),
            authorization[..<space].lowercased() == "bearer"
        else { return nil }
        return String(authorization[authorization.index(after: space)...].drop { $0 == " " })
    }
}
