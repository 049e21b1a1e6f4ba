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
            return .failure(
                .internalServerError,
                CodedMessage("server_failed", "Something went wrong in the server. Its log says what."))
        }
    }

    /// The path as a log may have it: a token in it opens a stream.
    private static func path(of request: Request) -> String {
        let path = request.uri.path
        let base = [MediaRoutes.base, PlaybackSocketRoutes.base].first { path.hasPrefix($0 + "/") }
        return base.map { $0 + "/…" } ?? path
    }

    private static func invalid(_ error: ValidationError) -> Response {
        .json(["detail": .array(error.issues.map(\.json))], status: .unprocessableContent)
    }

    /// Asks for the credentials (RFC 7617). Browsers answer the challenge `Basic` with a dialogue of their own, also to a
    /// script that asks in its own way: it says so by `X-Requested-With`, and gets a scheme that they don't know.
    private static func unauthorized(_ message: CodedMessage, isFromScript: Bool) -> Response {
        var response = Response.failure(.unauthorized, message)
        response.headers[.wwwAuthenticate] =
            (isFromScript ? "x-Basic" : "Basic") + " realm=\"stream\", charset=\"UTF-8\""
        return response
    }

    private static func response(to error: ControlPlaneError, isFromScript: Bool) -> Response {
        switch error {
        case .notFound(let message): .failure(.notFound, message)
        case .conflict(let message): .failure(.conflict, message)
        case .badRequest(let message): .failure(.badRequest, message)
        case .tooLarge(let message): .failure(.contentTooLarge, message)
        case .busy(let message): .failure(.serviceUnavailable, message)
        case .forbidden(let message): .failure(.forbidden, message)
        case .badGateway(let message): .failure(.badGateway, message)
        case .preconditionFailed(let message): .failure(.preconditionFailed, message)
        case .unauthorized(let message): unauthorized(message, isFromScript: isFromScript)
        case .signInRefused(let message): .unauthorized(message)
        case .tooManyTries(let message, let seconds):
            .failure(.tooManyRequests, message, headers: [.retryAfter: String(seconds)])
        case .engineFailed(let message), .storeFailed(let message): .failure(.internalServerError, message)
        case .invalid(let error): invalid(error)
        }
    }
}
