import ControlPlane
import HTTPTypes
import Hummingbird
import StreamModel

/// Takes the user of a request from the header fields of Home Assistant's Supervisor, which has authenticated the user. The
/// listener accepts connections from Supervisor only.
struct IngressIdentityMiddleware: RouterMiddleware {
    var ingress: IngressConfiguration

    func handle(
        _ request: Request, context: WebRequestContext,
        next: (Request, WebRequestContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        context.identity = identity(request.headers)
        return try await next(request, context)
    }

    /// Supervisor sends no name when Core did not tell it whose session it is. The user has signed in to Home Assistant in
    /// any case.
    private func identity(_ headers: HTTPFields) -> Identity {
        let names = [headers[.remoteUserID], headers[.remoteUserName]].compactMap { $0?.lowercased() }
        let isAdministrator = names.contains { ingress.administrators.contains($0) }
        let shown = headers[.remoteUserDisplayName] ?? headers[.remoteUserName] ?? "Home Assistant"
        return Identity(
            name: String(shown.trimmed.prefix(64)), role: isAdministrator ? .admin : ingress.role, origin: .ingress)
    }
}

extension HTTPField.Name {
    static let remoteUserID = HTTPField.Name("x-remote-user-id")!
    static let remoteUserName = HTTPField.Name("x-remote-user-name")!
    static let remoteUserDisplayName = HTTPField.Name("x-remote-user-display-name")!
}
