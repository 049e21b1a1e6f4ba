/// What somebody may do.
public enum Role: String, CaseIterable, Hashable, Sendable {
    /// Looks at streams: lists them, plays them, takes stills.
    case viewer
    /// Changes everything, accounts included.
    case admin

    /// Whether somebody of this role may do what `other` may.
    public func includes(_ other: Role) -> Bool { self == other || self == .admin }
}

/// Whether the server asks who somebody is.
public enum AccessMode: String, CaseIterable, Hashable, Sendable {
    /// Whoever reaches the server may do everything. The default on loopback.
    case open
    /// Everything but `health` and signing in needs an account or a token. The default everywhere else.
    case account
}

/// Who sends a request.
public struct Identity: Hashable, Sendable {
    /// How it was established.
    public enum Origin: Hashable, Sendable {
        /// The server asks nobody.
        case open
        /// A browser's session, by its id.
        case session(String)
        /// A program's token, by its id.
        case token(String)
        /// Home Assistant's ingress, which has checked the user.
        case ingress
    }

    /// The name that a page shows and an audit line names.
    public var name: String
    public var role: Role
    public var origin: Origin

    public init(name: String, role: Role, origin: Origin) {
        self.name = name
        self.role = role
        self.origin = origin
    }

    /// Everybody, where the server asks nobody.
    public static let open = Identity(name: "", role: .admin, origin: .open)
}
