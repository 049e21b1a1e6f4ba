import StreamModel

/// Everything about who may do what is understood, or the whole file is refused: what is overlooked here opens a door.
extension AuthInternalUser {
    var json: JSONValue {
        [
            "user": .string(user), "pass": .string(pass), "ips": .array(ips.map(JSONValue.string)),
            "permissions": .array(permissions.map(\.json)),
        ]
    }

    /// - Parameter place: the key, for errors (`authInternalUsers[0]`).
    init(json: JSONValue, at place: String) throws(EngineConfigurationError) {
        var members = try json.members(at: place, known: ["user", "pass", "ips", "permissions"])
        // MediaMTX's own file leaves the password of everybody empty.
        if members["pass"] == .null, members["user"]?.stringValue == Self.anyone { members["pass"] = nil }
        let user = try JSONValue.object(members).text("user", at: place)
        let pass = try JSONValue.object(members).text("pass", at: place)
        guard !user.isEmpty else { throw .wrongValue(key: "\(place).user", expected: "a name, or any for everybody") }
        guard user != Self.anyone || pass.isEmpty else {
            throw .wrongValue(key: "\(place).pass", expected: "empty, because the user 'any' needs no password")
        }
        guard !Self.shownPasswords.contains(pass) else {
            throw .wrongValue(key: "\(place).pass", expected: "the password itself, not what stands in its place")
        }
        for (key, entry) in [("user", user), ("pass", pass)] where HashedCredential.isMalformed(entry) {
            throw .wrongValue(key: "\(place).\(key)", expected: "sha256: and the base64 of 32 bytes")
        }
        self.init(
            user: user, pass: pass,
            ips: try (members["ips"] ?? .null).elements(at: "\(place).ips", of: "addresses and networks") {
                (json, place) throws(EngineConfigurationError) in
                guard let text = json.stringValue else { throw .wrongValue(key: place, expected: "a text") }
                return text
            },
            permissions: try (members["permissions"] ?? .null).elements(
                at: "\(place).permissions", of: "mappings of action and path", AuthPermission.init(json:at:)))
    }

    /// What our control API and MediaMTX's show in place of a password.
    private static let shownPasswords = [Secret.mask, "<redacted>"]
}

extension AuthPermission {
    fileprivate var json: JSONValue { ["action": .string(action.rawValue), "path": .string(path)] }

    fileprivate init(json: JSONValue, at place: String) throws(EngineConfigurationError) {
        var members = try json.members(at: place, known: ["action", "path"])
        guard let action = members["action"]?.stringValue.flatMap(AuthAction.init(rawValue:)) else {
            let all = AuthAction.allCases.map(\.rawValue).joined(separator: ", ")
            throw .wrongValue(key: "\(place).action", expected: "one of \(all)")
        }
        // As in MediaMTX's own file: every path.
        if members["path"] == .null { members["path"] = nil }
        self.init(action: action, path: try JSONValue.object(members).text("path", at: place))
    }
}

/// Keys outside of the subset that say who may do what.
enum AuthorizationKey {
    /// Of other values of `authMethod` than `internal`, which are refused by themselves.
    private static let ofOtherMethods: Set<String> = [
        "authHTTPAddress", "authHTTPFingerprint", "authHTTPExclude", "authJWTJWKS", "authJWTJWKSFingerprint",
        "authJWTClaimKey", "authJWTExclude", "authJWTInHTTPQuery", "authJWTIssuer", "authJWTAudience",
    ]
    /// What MediaMTX had before `authInternalUsers`, some of it in every path.
    private static let former: Set<String> = [
        "externalAuthenticationURL", "publishUser", "publishPass", "publishIPs", "readUser", "readPass", "readIPs",
    ]

    /// Whether a key that is not known has to refuse the file.
    static func mustNotBeIgnored(_ name: String) -> Bool {
        former.contains(name) || name.lowercased().hasPrefix("auth") && !ofOtherMethods.contains(name)
    }
}
