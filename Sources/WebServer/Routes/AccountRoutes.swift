import ControlPlane
import HTTPTypes
import Hummingbird
import StreamModel

/// Signing in and out, and the accounts behind it: `/api/session`, `/api/sessions`, `/api/users`, `/api/tokens`.
struct AccountRoutes {
    var accounts: Accounts

    var routes: [APIRoute] { session + sessions + users + tokens }

    private var session: [APIRoute] {
        let path = "/api/session"
        return [
            APIRoute(
                .get, path, "getSession", "Who has signed in, and whether that is needed.", tag: "access",
                access: .everyone, response: Schema.reference("Session")
            ) { request in
                APIResponse(await Self.session(accounts, request.identity))
            },
            APIRoute(
                .post, path, "signIn",
                "Signs a browser in by name and password, or by the code of the first start and a new password.",
                tag: "access", access: .everyone, request: "SignIn", response: Schema.reference("Session"),
                refusals: [.unauthorized, .conflict, .tooManyRequests, .badGateway, .serviceUnavailable]
            ) { request in
                let signIn = try SignInBody(request.body)
                let signedIn =
                    switch signIn {
                    case .password(let name, let password):
                        try await accounts.signIn(
                            name: name, password: password, address: request.remoteAddress,
                            userAgent: request.userAgent)
                    case .setUp(let code, let password):
                        try await accounts.setUp(
                            code: code, password: password, address: request.remoteAddress,
                            userAgent: request.userAgent)
                    }
                var response = APIResponse(await Self.session(accounts, signedIn.identity))
                response.headers[.setCookie] = Self.cookie(signedIn.cookie, isSecure: request.isSecure).description
                return response
            },
            APIRoute(
                .delete, path, "signOut", "Signs this browser out.", tag: "access", access: .viewer,
                response: Schema.reference("Session")
            ) { request in
                // Others have nothing to end: whoever let them in does so again.
                guard case .session(let id) = request.identity?.origin else {
                    return APIResponse(await Self.session(accounts, request.identity))
                }
                try await accounts.endSession(id: id)
                var response = APIResponse(await Self.session(accounts, nil))
                response.headers[.setCookie] =
                    Cookie(
                        name: IdentityMiddleware.cookieName, value: "", maxAge: 0, httpOnly: true, sameSite: .lax
                    ).description
                return response
            },
        ]
    }

    private static func cookie(_ value: Secret, isSecure: Bool) -> Cookie {
        Cookie(
            name: IdentityMiddleware.cookieName, value: value.exposed,
            maxAge: Int(Accounts.sessionLifetime.components.seconds), secure: isSecure, httpOnly: true, sameSite: .lax)
    }

    private static func session(_ accounts: Accounts, _ identity: Identity?) async -> JSONValue {
        [
            "access": .string(accounts.mode.rawValue),
            "user": identity.flatMap { identity in
                identity.origin == .open
                    ? nil : ["name": .string(identity.name), "role": .string(identity.role.rawValue)]
            } ?? .null,
            "can_sign_out": .bool(identity?.origin.isSession ?? false),
            "takes_home_assistant_users": .bool(accounts.homeAssistant != nil),
            "setup_required": .bool(await accounts.pendingSetupCode != nil),
        ]
    }

    private var sessions: [APIRoute] {
        [
            APIRoute(
                .get, "/api/sessions", "listSessions", "The browsers that are signed in.", tag: "access",
                response: Schema.list(Schema.reference("SessionEntry"))
            ) { request in
                APIResponse(.array(await accounts.listSessions(current: request.identity ?? .open)))
            },
            APIRoute(
                .delete, "/api/sessions/{session_id}", "endSession", "Signs a browser out.", tag: "access",
                response: Schema.reference("Deleted"), refusals: [.notFound]
            ) { request in
                try await accounts.endSession(id: request[parameter: "session_id"])
                return APIResponse(["deleted": true])
            },
        ]
    }

    private var users: [APIRoute] {
        let one = Schema.reference("User")
        let item = "/api/users/{user_id}"
        return [
            APIRoute(
                .get, "/api/users", "listUsers", "Who may sign in.", tag: "access", response: Schema.list(one)
            ) { _ in
                APIResponse(.array(await accounts.listUsers().map(\.json)))
            },
            APIRoute(
                .post, "/api/users", "createUser", "Adds a user.", tag: "access", request: "UserCreate", response: one,
                refusals: [.conflict, .serviceUnavailable]
            ) { request in
                APIResponse(try await accounts.createUser(request.body).json)
            },
            APIRoute(
                .put, item, "replaceUser", "Changes a user; a new password ends the user's sessions.", tag: "access",
                request: "UserReplace", response: one, refusals: [.notFound, .conflict, .serviceUnavailable]
            ) { request in
                APIResponse(try await accounts.replaceUser(id: request[parameter: "user_id"], request.body).json)
            },
            APIRoute(
                .delete, item, "deleteUser", "Deletes a user and ends the user's sessions.", tag: "access",
                response: Schema.reference("Deleted"), refusals: [.notFound, .conflict]
            ) { request in
                try await accounts.deleteUser(id: request[parameter: "user_id"])
                return APIResponse(["deleted": true])
            },
        ]
    }

    private var tokens: [APIRoute] {
        [
            APIRoute(
                .get, "/api/tokens", "listTokens", "The tokens of programs.", tag: "access",
                response: Schema.list(Schema.reference("Token"))
            ) { _ in
                APIResponse(.array(await accounts.listTokens().map(\.json)))
            },
            APIRoute(
                .post, "/api/tokens", "createToken", "Makes a token; its text is in this answer and never again.",
                tag: "access", request: "TokenCreate", response: Schema.reference("NewToken"), refusals: [.conflict]
            ) { request in
                let made = try await accounts.createToken(request.body)
                return APIResponse(
                    .object((made.token.json.objectValue ?? [:]).merging(["token": .string(made.text.exposed)]) { $1 }))
            },
            APIRoute(
                .delete, "/api/tokens/{token_id}", "deleteToken", "Deletes a token.", tag: "access",
                response: Schema.reference("Deleted"), refusals: [.notFound]
            ) { request in
                try await accounts.deleteToken(id: request[parameter: "token_id"])
                return APIResponse(["deleted": true])
            },
        ]
    }
}

extension Identity.Origin {
    fileprivate var isSession: Bool { if case .session = self { true } else { false } }
}

/// What a browser sends to sign in.
private enum SignInBody {
    case password(name: String, Secret)
    case setUp(code: Secret, Secret)

    init(_ body: JSONValue) throws {
        let issues = IssueList()
        let reader = ObjectReader(body, at: ["body"], issues: issues)
        let code = reader.optionalString("setup_code")
        let name = code == nil ? reader.requiredString("name") : ""
        let password = Secret(reader.requiredString("password"))
        reader.forbidUnknownMembers()
        try issues.throwIfAny()
        if let code { self = .setUp(code: Secret(code), password) } else { self = .password(name: name, password) }
    }
}
