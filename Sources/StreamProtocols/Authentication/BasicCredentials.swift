import StreamModel

/// User and password of the Basic scheme (RFC 7617). The password does not show in the description.
public struct BasicCredentials: Sendable, Equatable {
    public var user: String
    public var password: String

    public init(user: String, password: String) {
        self.user = user
        self.password = password
    }

    /// Reads what follows `Basic`.
    init?(base64: String) {
        guard let bytes = Base64.decode(base64) else { return nil }
        // RFC 7617 §2: the first colon separates; a password may contain more.
        guard let (user, password) = String(decoding: bytes, as: UTF8.self).splitOnce(at: ":") else { return nil }
        self.init(user: String(user), password: String(password))
    }

    /// The value of an `Authorization` header. It holds the password in the clear.
    public var authorization: String { "Basic " + Base64.encode([UInt8]("\(user):\(password)".utf8)) }

    /// The value of a `WWW-Authenticate` header that asks for this scheme.
    public static func challenge(realm: String) -> String {
        "Basic realm=\(HeaderText.quoted(realm))"
    }
}

extension BasicCredentials: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "Basic \(user):\(Secret.mask)" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: ["user": user, "password": Secret.mask]) }
}
