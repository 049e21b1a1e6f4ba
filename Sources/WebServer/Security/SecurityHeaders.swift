import Hummingbird

/// Headers that keep a browser from doing more with our answers than we mean.
struct SecurityHeaders: RouterMiddleware {
    /// Everything comes from us, streams as well. hls.js hands a browser its media as `blob:`, and a page hands another its
    /// last picture as `data:`.
    private static let policy = [
        "default-src 'self'", "script-src 'self'", "style-src 'self'", "connect-src 'self'", "media-src 'self' blob:",
        "img-src 'self' blob: data:", "worker-src 'self' blob:",
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
