import ControlPlane
import HTTPTypes
import Hummingbird
import Logging
import StreamModel

/// Turns every error into the status and the JSON that clients of the reference API know (contract A.0).
struct ErrorMiddleware: RouterMiddleware {
    func handle(
        _ request: Request, context: WebRequestContext,
        next: (Request, WebRequestContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as ValidationError {
            return Self.invalid(error)
        } catch let error as ControlPlaneError {
            return Self.response(to: error, isFromScript: request.headers[.requestedWith] != nil)
        } catch let error as HTTPError {
            return .failure(error.status, error.body ?? error.status.reasonPhrase)
        } catch is CancellationError {
            // The client has left, or the server stops: nothing has failed.
            return .failure(.serviceUnavailable, "The request was broken off.")
        } catch {
            context.logger.error(
                "a request failed", metadata: ["error": "\(error)", "path": "\(Self.path(of: request))"])
            return .failure(.internalServerError, "Something went wrong in the server. Its log says what.")
        }
    }

    /// The path as a log may have it: a token in it opens a stream.
    private static func path(of request: Request) -> String {
        let path = request.uri.path
        return path.hasPrefix(MediaRoutes.base + "/") ? MediaRoutes.base + "/…" : path
    }

    private static func invalid(_ error: ValidationError) -> Response {
        .json(["detail": .array(error.issues.map(\.json))], status: .unprocessableContent)
    }

    /// Asks for the credentials (RFC 7617). Browsers answer the challenge `Basic` with a dialogue of their own, also to a
    /// script that asks in its own way: it says so by `X-Requested-With`, and gets a scheme that they don't know.
    private static func unauthorized(_ text: String, isFromScript: Bool) -> Response {
        var response = Response.failure(.unauthorized, text)
        response.headers[.wwwAuthenticate] =
            (isFromScript ? "x-Basic" : "Basic") + " realm=\"stream\", charset=\"UTF-8\""
        return response
    }

    private static func response(to error: ControlPlaneError, isFromScript: Bool) -> Response {
        switch error {
        case .notFound(let text): .failure(.notFound, text)
        case .conflict(let text): .failure(.conflict, text)
        case .badRequest(let text): .failure(.badRequest, text)
        case .busy(let message): .failure(.serviceUnavailable, message)
        case .setUpAlready(let message): .failure(.conflict, message)
        case .homeAssistantSilent(let message): .failure(.badGateway, message)
        case .forbidden(let text): .failure(.forbidden, text)
        case .badGateway(let text): .failure(.badGateway, text)
        case .preconditionFailed(let text): .failure(.preconditionFailed, text)
        case .unauthorized(let text): unauthorized(text, isFromScript: isFromScript)
        case .signInRefused(let message): .unauthorized(message)
        case .tooManyTries(let message, let seconds):
            .failure(.tooManyRequests, message, headers: [.retryAfter: String(seconds)])
        case .engineFailed(let text), .storeFailed(let text): .failure(.internalServerError, text)
        case .invalid(let error): invalid(error)
        }
    }
}
