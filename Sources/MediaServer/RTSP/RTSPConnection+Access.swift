import EngineContract
import StreamModel
import StreamProtocols

extension RTSPConnection {
    private static let realm = "toposync"

    /// Goes on with `body` when the client may do what it asks for; else answers 401, after a while if it was wrong.
    func authorize(
        _ action: AuthAction, _ target: RTSPTarget, _ request: RTSPRequest,
        _ body: @escaping (RTSPConnection) -> Void
    ) {
        // Before anything is compared with the name: it may be long, and of signs that no path has.
        if let problem = PathName.problem(with: target.path) {
            finish(failure(.invalidName(target.path, problem: problem.text)))
            return
        }
        var access = AccessRequest(
            action: action, path: target.path, address: remoteAddress, credentials: .none)
        var isStale = false
        if let header = request.headers["Authorization"] {
            switch credentials(header, request, target) {
            case .accepted(let credentials): access.credentials = credentials
            case .stale: isStale = true
            case .refused:
                refuseLogin(access)
                return
            }
        } else if let granted, granted.action == action, granted.path == target.path {
            access.credentials = granted.credentials
        }
        switch core.access.decide(access) {
        case .allowed:
            granted = access
            body(self)
        case .credentialsMissing:
            finish(.failed(.unauthorized, challenges: makeChallenges(isStale: isStale)))
        case .denied:
            refuseLogin(access)
        }
    }

    /// Whether what was allowed to the session still is.
    var isStillAllowed: Bool {
        guard hasSession, let sessionAccess else { return true }
        // Whoever is on the network reads a group, so it goes on only as long as everybody may.
        if readSession?.isMulticast == true, !core.access.isOpenToAll(.read, path: sessionAccess.path) { return false }
        if case .allowed = core.access.decide(sessionAccess) { return true }
        return false
    }

    private enum Credentials {
        case accepted(AccessCredentials)
        /// An answer to an old challenge: ask again.
        case stale
        /// Unreadable, or of a method that is not offered.
        case refused
    }

    private func credentials(_ header: String, _ request: RTSPRequest, _ target: RTSPTarget) -> Credentials {
        let methods = core.configuration.rtspAuthMethods
        guard let credentials = try? HTTPCredentials(parsing: header) else { return .refused }
        switch credentials {
        case .basic(let basic) where methods.contains(.basic):
            return .accepted(.password(user: basic.user, password: basic.password))
        case .digest(let response) where methods.contains(.digest):
            guard let challenge, response.answers(challenge) else { return .stale }
            // Clients hash the request's URI or the presentation's.
            guard response.uri == request.uri || RTSPTarget(uri: response.uri)?.path == target.path else {
                return .refused
            }
            return .accepted(.digest(response, method: request.method.rawValue))
        case .basic, .digest, .bearer:
            return .refused
        }
    }

    /// A challenge of each method that is offered, with a fresh nonce.
    private func makeChallenges(isStale: Bool = false) -> [String] {
        core.configuration.rtspAuthMethods.map { method in
            switch method {
            case .basic: return BasicCredentials.challenge(realm: Self.realm)
            case .digest:
                let fresh = DigestChallenge(realm: Self.realm, nonce: core.makeSecret(), isStale: isStale)
                challenge = fresh
                return fresh.header
            }
        }
    }

    private func refuseLogin(_ access: AccessRequest) {
        let delay = core.noteFailedLogin(access, protocolName: "RTSP")
        refusalTimer = core.clock.schedule(after: delay) { [weak self] in
            guard let self else { return }
            refusalTimer = nil
            finish(.failed(.unauthorized, challenges: makeChallenges()))
        }
    }
}
