import Foundation
import StreamModel

/// What the Access section of the settings page does. Every method throws ``ControlPlaneError``.
extension Accounts {
    /// Users, sessions and tokens at most; far above what a site needs, and small enough to keep in memory.
    private static let limit = 200

    // MARK: Users

    public func listUsers() -> [User] { users.values.sorted { $0.name < $1.name } }

    /// - Parameter body: `name`, `password`, `role`.
    public func createUser(_ body: JSONValue) async throws(ControlPlaneError) -> User {
        let draft = try UserDraft(body, requiresPassword: true)
        try throwIfTaken(draft.name, by: nil)
        guard users.count < Self.limit else {
            throw .conflict(
                CodedMessage(
                    "users_full", "There are \(Self.limit) users, and more can't be kept.",
                    ["limit": .integer(Self.limit)]))
        }
        let user = User(
            id: RandomToken.hex(byteCount: 8), name: draft.name, role: draft.role,
            createdAt: Timestamp.format(Timestamp.now()), password: try await hashed(draft.password ?? Secret("")))
        audit("user added", user.name)
        return try await store(user)
    }

    /// - Parameter body: `name`, `role` and, to change it, `password`, which ends the user's sessions.
    public func replaceUser(id: String, _ body: JSONValue) async throws(ControlPlaneError) -> User {
        let draft = try UserDraft(body, requiresPassword: false)
        try throwIfTaken(draft.name, by: id)
        let password: PasswordHash?
        if let draftPassword = draft.password { password = try await hashed(draftPassword) } else { password = nil }
        // Read after the hashing, during which others may have changed it.
        guard var user = users[id] else { throw .userNotFound }
        if draft.role != .admin { try throwIfLastAdministrator(user) }
        user.name = draft.name
        user.role = draft.role
        if let password { user.password = password }
        try await store(user)
        if password != nil { try await endSessions { $0.owner == .user(id) } }
        audit("user changed", user.name)
        return user
    }

    public func deleteUser(id: String) async throws(ControlPlaneError) {
        guard let user = users[id] else { throw .userNotFound }
        try throwIfLastAdministrator(user)
        try await remove(userID: id)
        audit("user deleted", user.name)
    }

    private func throwIfTaken(_ name: String, by id: String?) throws(ControlPlaneError) {
        if users.values.contains(where: { $0.id != id && $0.name.lowercased() == name.lowercased() }) {
            throw .conflict(
                CodedMessage(
                    "user_name_taken", "There is a user '\(name)' already. Choose another name.",
                    ["name": .string(name)]))
        }
    }

    private func throwIfLastAdministrator(_ user: User) throws(ControlPlaneError) {
        guard user.role == .admin, !users.values.contains(where: { $0.id != user.id && $0.role == .admin }) else {
            return
        }
        throw .conflict(
            CodedMessage(
                "last_administrator", "'\(user.name)' is the only administrator. Make another user one first.",
                ["name": .string(user.name)]))
    }

    // MARK: Sessions

    /// The sessions, the last used first, as the API shows them.
    ///
    /// - Parameter current: the session that asks.
    public func listSessions(current: Identity) -> [JSONValue] {
        sessions.values.sorted { $0.lastSeenAtUnix > $1.lastSeenAtUnix }.map { session in
            [
                "id": .string(session.id), "user": .string(identity(of: session)?.name ?? ""),
                "is_of_home_assistant": .bool(session.isOfHomeAssistant),
                "created_at_unix": .number(session.createdAtUnix), "last_seen_at_unix": .number(session.lastSeenAtUnix),
                "address": .string(session.address), "user_agent": .string(session.userAgent),
                "is_current": .bool(current.origin == .session(session.id)),
            ]
        }
    }

    public func endSession(id: String) async throws(ControlPlaneError) {
        guard sessions.values.contains(where: { $0.id == id }) else { throw .sessionNotFound }
        try await endSessions { $0.id == id }
    }

    private func endSessions(_ matches: (Session) -> Bool) async throws(ControlPlaneError) {
        let ended = sessions.values.filter(matches)
        for session in ended { sessions[session.cookieHash] = nil }
        onWithdrawal()
        try await write { try AccountRows.deleteSessions(ended.map(\.id), in: $0) }
    }

    // MARK: Tokens

    public func listTokens() -> [AccessToken] { tokens.values.sorted { $0.createdAt < $1.createdAt } }

    /// Makes a token, whose text is never shown again.
    ///
    /// - Parameter body: `name`, `role`.
    public func createToken(_ body: JSONValue) async throws(ControlPlaneError) -> (token: AccessToken, text: Secret) {
        let draft = try TokenDraft(body)
        guard tokens.count < Self.limit else {
            throw .conflict(
                CodedMessage(
                    "tokens_full", "There are \(Self.limit) tokens, and more can't be kept. Delete some.",
                    ["limit": .integer(Self.limit)]))
        }
        let text = "tsp_" + RandomToken.hex(byteCount: 24)
        let token = AccessToken(
            id: RandomToken.hex(byteCount: 8), name: draft.name, role: draft.role,
            createdAt: Timestamp.format(Timestamp.now()), hash: Self.hash(text))
        try await write { try AccountRows.write(token, in: $0) }
        tokens[token.hash] = token
        audit("token made", token.name)
        return (token, Secret(text))
    }

    public func deleteToken(id: String) async throws(ControlPlaneError) {
        guard let token = tokens.values.first(where: { $0.id == id }) else { throw .tokenNotFound }
        try await write { try AccountRows.deleteToken(id, in: $0) }
        tokens[token.hash] = nil
        onWithdrawal()
        audit("token deleted", token.name)
    }
}

/// What a request says of a user.
private struct UserDraft {
    var name: String
    var role: Role
    var password: Secret?

    init(_ body: JSONValue, requiresPassword: Bool) throws(ControlPlaneError) {
        let issues = IssueList()
        let reader = ObjectReader(body, at: ["body"], issues: issues)
        name = reader.accountName()
        role = reader.requiredChoice("role", fallback: Role.viewer)
        let text = requiresPassword ? reader.requiredString("password") : reader.optionalString("password")
        password = text.flatMap { $0.isEmpty && !requiresPassword ? nil : Secret($0) }
        reader.forbidUnknownMembers()
        try issues.throwAsControlPlaneError()
        if let password { try Accounts.validate(password: password) }
    }
}

/// What a request says of a token.
private struct TokenDraft {
    var name: String
    var role: Role

    init(_ body: JSONValue) throws(ControlPlaneError) {
        let issues = IssueList()
        let reader = ObjectReader(body, at: ["body"], issues: issues)
        name = reader.accountName()
        role = reader.requiredChoice("role", fallback: Role.viewer)
        reader.forbidUnknownMembers()
        try issues.throwAsControlPlaneError()
    }
}

extension ObjectReader {
    /// The name of a user or token: one line of 1 to 64 characters.
    fileprivate func accountName() -> String {
        let name = requiredString("name").trimmed
        if has("name"), name.isEmpty || name.count > 64 || name.unicodeScalars.contains(where: { $0.value < 0x20 }) {
            report(
                CodedMessage("account_name", "Choose a name of 1 to 64 characters on one line."), at: "name")
        }
        return name
    }
}

extension IssueList {
    fileprivate func throwAsControlPlaneError() throws(ControlPlaneError) {
        do {
            try throwIfAny()
        } catch {
            throw .invalid(error)
        }
    }
}
