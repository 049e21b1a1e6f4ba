import StreamModel

/// What somebody may do.
public enum AuthAction: String, CaseIterable, Codable, Sendable {
    case publish, read, playback, api, metrics, pprof
}

/// An action, and the paths for which it is allowed.
public struct AuthPermission: Hashable, Sendable, Codable {
    public var action: AuthAction
    /// A path's name, `~` and a regular expression, or empty for every path.
    public var path: String

    public init(action: AuthAction, path: String = "") {
        self.action = action
        self.path = path
    }
}

/// Somebody who may use the engine (`authInternalUsers`): the first entry whose user, password, address and permission
/// fit decides.
public struct AuthInternalUser: Hashable, Sendable, Codable {
    /// A name, `sha256:<base64>` of one, or `any` for everybody, with or without a name.
    public var user: String
    /// A password, or `sha256:<base64>` of one; empty for `any`.
    public var pass: String
    /// Addresses and networks (`127.0.0.1`, `10.0.0.0/8`, `::1`) from which it holds; none means all.
    public var ips: [String]
    public var permissions: [AuthPermission]

    public init(user: String, pass: String = "", ips: [String] = [], permissions: [AuthPermission]) {
        self.user = user
        self.pass = pass
        self.ips = ips
        self.permissions = permissions
    }

    /// The name of everybody.
    public static let anyone = "any"
    /// The addresses of this machine itself.
    public static let loopback = ["127.0.0.1", "::1"]

    /// MediaMTX's own default: everybody reads and publishes, this machine uses the API.
    public static let defaults = [
        AuthInternalUser(
            user: anyone,
            permissions: [AuthPermission(action: .publish), .init(action: .read), .init(action: .playback)]),
        AuthInternalUser(
            user: anyone, ips: loopback,
            permissions: [AuthPermission(action: .api), .init(action: .metrics), .init(action: .pprof)]),
    ]
}

/// Whatever prints a user prints a mask for the password.
extension AuthInternalUser: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String {
        "AuthInternalUser(user: \(user), pass: \(pass.masked), ips: \(ips), permissions: \(permissions))"
    }

    public var debugDescription: String { description }

    public var customMirror: Mirror {
        Mirror(self, children: ["user": user, "pass": pass.masked, "ips": ips, "permissions": permissions])
    }
}

extension String {
    /// What stands for a secret in a description, which tells whether there is one.
    var masked: String { isEmpty ? "" : Secret.mask }
}
