import StreamModel

/// The users of Home Assistant, who sign in to an add-on with the password that they have there.
public struct HomeAssistantUsers: Sendable {
    /// What they may do. Supervisor says whether a password is right, but not who is an administrator.
    public var role: Role
    /// The names, in lower case, of those who may do everything whatever the role is.
    public var administrators: Set<String>
    var supervisor: SupervisorClient

    /// What stands in place of a role where they may not sign in.
    public static let nobody = "nobody"
    /// Bytes of a name or a password that Home Assistant is asked about at most.
    private static let limit = 1024

    public init(role: Role, administrators: Set<String>, supervisor: SupervisorClient) {
        self.role = role
        self.administrators = administrators
        self.supervisor = supervisor
    }

    func role(of name: String) -> Role { administrators.contains(name) ? .admin : role }

    /// The name under which Home Assistant knows a user, when the password is the user's; nil when it is not.
    ///
    /// - Throws: ``SupervisorError`` when that can't be found out.
    func name(signingInAs typed: String, password: Secret) async throws(SupervisorError) -> String? {
        // As Home Assistant compares names, so that nobody is two users.
        let name = typed.trimmed.lowercased()
        guard !name.isEmpty, name.utf8.count <= Self.limit, password.exposed.utf8.count <= Self.limit,
            !name.unicodeScalars.contains(where: { $0.value < 0x20 })
        else { return nil }
        return try await supervisor.isPassword(password, ofUser: name) ? name : nil
    }
}
