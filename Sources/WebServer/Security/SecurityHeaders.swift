import Hummingbird

/// Headers that keep a browser from doing more with our answers than we mean.
struct SecurityHeaders: RouterMiddleware {
    /// Media come from the engine, which listens on other ports and maybe under another name: so connections and media may
    /// go to any host, while scripts and styles are our own only.
    private static let policy = [
        "default-src 'self'", "script-src 'self'", "style-src 'self'", "connect-src 'self' http: https: ws: wss:",
        "media-src 'self' blob: http: https:", "img-src 'self' data: blob: http: https:", "worker-src 'self' blob:",
        "object-src 'none'", "base-uri 'self'", "form-action 'self'", "frame-ancestors 'self'",
    ].joined(separator: "; ")

    func handle(
        _ request: Request, context: WebRequestContext,
        next: (Request, WebRequestContext) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        response.headers[.contentSecurityPolicy] = Self.policy
        response.headers[.contentTypeOptions] = "nosniff"
        response.headers[.referrerPolicy] = "same-origin"
        return response
    }
}
