import HTTPTypes
import Hummingbird

/// Serves the web pages for every path outside the API.
struct PagesMiddleware: RouterMiddleware {
    var files: WebUIFiles

    func handle(
        _ request: Request, context: WebRequestContext,
        next: (Request, WebRequestContext) async throws -> Response
    ) async throws -> Response {
        let path = request.uri.path
        if path == "/api" || path.hasPrefix("/api/") || path == MetricsRoute.path {
            return try await next(request, context)
        }
        guard let file = files.file(at: path) else { return .failure(.notFound, "Not Found") }
        guard request.method == .get || request.method == .head else {
            var response = Response.failure(.methodNotAllowed, "Method Not Allowed")
            response.headers[.allow] = "GET, HEAD"
            return response
        }
        // `no-cache` lets a browser keep a file as long as it asks whether it is still the same: after an update there is
        // never a page that mixes old and new files.
        let headers: HTTPFields = [
            .contentType: file.contentType, .eTag: file.entityTag, .cacheControl: "no-cache",
        ]
        if request.headers[.ifNoneMatch]?.contains(file.entityTag) == true {
            return Response(status: .notModified, headers: headers)
        }
        let body =
            request.method == .head
            ? ResponseBody(contentLength: file.content.readableBytes) { try await $0.finish(nil) }
            : ResponseBody(byteBuffer: file.content)
        return Response(status: .ok, headers: headers, body: body)
    }
}
