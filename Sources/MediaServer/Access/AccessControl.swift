import ConnectionLimits
import EngineContract
import StreamModel
import StreamProtocols

/// What a client asks to do.
struct AccessRequest {
    var action: AuthAction
    /// Empty for actions that have no path.
    var path: String
    /// nil when the peer has no IP address; then only entries without `ips` fit.
    var address: IPAddress?
    var credentials: AccessCredentials
}

/// How a client says who it is.
enum AccessCredentials {
    case none
    case password(user: String, password: String)
    /// Digest authentication, already known to answer a challenge of ours.
    case digest(DigestResponse, method: String)
}

enum AccessDecision: Equatable {
    case allowed(user: String)
    /// Nothing was shown: ask.
    case credentialsMissing
    /// Something was shown that does not open this.
    case denied
}

/// The users and permissions of `authInternalUsers`: the first entry whose address, permission, user and password all
/// fit lets in (reference: mediamtx-facts E.2).
struct AccessControl {
    fileprivate struct Entry {
        var user: AuthInternalUser
        var networks: [IPNetwork]
        var permissions: [(action: AuthAction, path: PathPattern)]
    }

    private let entries: [Entry]

    /// - Throws: ``AccessControlError`` when an address or a pattern can't be read: dropping one could let somebody in
    ///   from where it should not come.
    init(users: [AuthInternalUser]) throws(AccessControlError) {
        var entries: [Entry] = []
        for (index, user) in users.enumerated() {
            for (key, entry) in [("user", user.user), ("pass", user.pass)] where entry.hasPrefix("argon2:") {
                throw .unsupportedHash(key: "authInternalUsers[\(index)].\(key)")
            }
            var networks: [IPNetwork] = []
            for text in user.ips {
                guard let network = IPNetwork(text) else { throw .badNetwork(text) }
                networks.append(network)
            }
            var permissions: [(action: AuthAction, path: PathPattern)] = []
            for permission in user.permissions {
                do {
                    permissions.append((permission.action, try PathPattern(permissionPath: permission.path)))
                } catch {
                    throw .badPattern(error)
                }
            }
            entries.append(Entry(user: user, networks: networks, permissions: permissions))
        }
        self.entries = entries
    }

    func decide(_ request: AccessRequest) -> AccessDecision {
        for entry in entries where entry.fits(request) {
            switch (entry.user.user, request.credentials) {
            case (AuthInternalUser.anyone, _):
                return .allowed(user: "")
            case (_, .none):
                continue
            case (let name, .password(let user, let password)):
                // Both are compared always, so that the time does not tell whether the user exists.
                let isUser = HashedCredential.matches(user, entry: name)
                let isPassword = HashedCredential.matches(password, entry: entry.user.pass)
                if isUser && isPassword { return .allowed(user: user) }
            case (let name, .digest(let response, let method)):
                // A digest proves the knowledge of the password itself, which a hash of it does not give us.
                guard !HashedCredential.isHashed(name), !HashedCredential.isHashed(entry.user.pass) else { continue }
                if response.user == name, response.verify(password: entry.user.pass, method: method) {
                    return .allowed(user: name)
                }
            }
        }
        if case .none = request.credentials { return .credentialsMissing }
        return .denied
    }

    /// Whether everybody may do something with a path: from everywhere, and without a password.
    func isOpenToAll(_ action: AuthAction, path: String) -> Bool {
        entries.contains { entry in
            entry.user.user == AuthInternalUser.anyone && entry.networks.isEmpty
                && entry.permissions.contains { $0.action == action && $0.path.matches(path) }
        }
    }
}

extension AccessControl.Entry {
    /// Whether the entry's addresses and permissions cover the request.
    fileprivate func fits(_ request: AccessRequest) -> Bool {
        if !networks.isEmpty {
            guard let address = request.address, networks.contains(where: { $0.contains(address) }) else {
                return false
            }
        }
        return permissions.contains { $0.action == request.action && $0.path.matches(request.path) }
    }
}

/// Why a list of users can't be used.
enum AccessControlError: Error, CustomStringConvertible {
    case badNetwork(String)
    case badPattern(PathRegexError)
    case unsupportedHash(key: String)

    var description: String {
        switch self {
        case .badNetwork(let text):
            "'\(text)' in authInternalUsers is not an IP address or network; write it like 192.168.1.0/24."
        case .badPattern(let error):
            "A permission in authInternalUsers can't be used: \(error)"
        case .unsupportedHash(let key):
            "\(key) is an argon2 hash, which the built-in engine can't compare; use sha256:, or MediaMTX as the engine."
        }
    }
}
