/// A STUN or TURN server by which WebRTC viewers and the engine find a way to each other (RFC 7064, RFC 7065).
public struct WebRTCICEServer: Hashable, Sendable, Confidential {
    /// `stun:host`, `turn:host:port?transport=udp`, `turns:host`, never with a user in it.
    public var url: String
    public var username: String?
    /// Nil while reading an update means "keep the stored one".
    public var password: Secret?

    static let schemes = ["stun:", "turn:", "turns:"]

    /// Reads an item of the reference's list: nil for a scheme that is none of ICE's, which it drops without a word.
    init?(text: String) {
        guard Self.schemes.contains(where: text.lowercased().hasPrefix) else { return nil }
        url = text
        // RFC 7065 has no place for a user, but people write one there, and it must not be shown again.
        guard let scheme = text.firstIndex(of: ":"), let at = text.lastIndex(of: "@") else { return }
        let afterScheme = text.index(after: scheme)
        guard afterScheme <= at else { return }
        let user = text[afterScheme..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        username = user.first.map(String.init)
        password = user.count > 1 ? Secret(String(user[1])) : nil
        url = String(text[..<afterScheme] + text[text.index(after: at)...])
    }

    /// Reads the other form of an item: an object with `url`, `username` and `password`.
    init?(reading reader: ObjectReader) {
        let text = reader.requiredString("url").trimmed
        let user = reader.optionalString("username").flatMap { $0.trimmed.isEmpty ? nil : $0.trimmed }
        let secret = reader.optionalSecret("password")
        reader.ignoreBool("password_set")
        reader.forbidUnknownMembers()
        guard reader.has("url") else { return nil }
        guard let server = WebRTCICEServer(text: text) else {
            reader.report(
                CodedMessage("ice_scheme", "An ICE server's address begins with stun:, turn: or turns:."), at: "url")
            return nil
        }
        self = server
        username = user ?? username
        password = secret ?? password
    }

    /// That of the other form.
    public static let shape = ObjectShape { _ = WebRTCICEServer(reading: $0) }

    /// What is wrong with the address, as a sentence.
    var problem: CodedMessage? {
        let host = url.drop { $0 != ":" }.dropFirst().prefix { $0 != "?" }
        if host.isEmpty || host.hasPrefix(":") || host.hasPrefix("/") {
            return CodedMessage(
                "ice_no_host", "The ICE server '\(url)' names no host. Write it such as stun:stun.example.org:3478.",
                ["url": .string(url)])
        }
        let isPlain = url.allSatisfy { $0.isASCII && !$0.isWhitespace && $0 != "\"" && $0 != "\\" && $0 >= " " }
        if isPlain { return nil }
        return CodedMessage(
            "ice_characters", "The ICE server '\(url)' has a character in it that no address has.",
            ["url": .string(url)])
    }

    /// The address with its scheme in lower case, as engines want it.
    public var normalizedURL: String {
        guard let colon = url.firstIndex(of: ":") else { return url }
        return url[..<colon].lowercased() + url[colon...]
    }

    /// Whether it can be used: a TURN server gives nothing to somebody without a name and a password, and both browsers
    /// and engines refuse a session that has such a one in its list.
    public var isUsable: Bool {
        normalizedURL.hasPrefix("stun:") || (username?.isEmpty == false && password?.isEmpty == false)
    }

    /// The server with the password that an update left out taken from what is stored for the same address.
    func keepingSecret(of stored: [WebRTCICEServer]) -> WebRTCICEServer {
        var result = self
        let known = stored.first { $0.normalizedURL.lowercased() == normalizedURL.lowercased() }
        // Without a name it is an address alone, as in the reference's list.
        result.password = username == nil ? nil : password.keeping(known?.password)
        return result
    }

    /// The address alone as a text, as in the reference; with a user as an object.
    public func json(_ form: SecretForm) -> JSONValue {
        guard username != nil || password != nil else { return .string(url) }
        return .object(form.password(password).merging(["url": .string(url), "username": JSONValue(username)]) { $1 })
    }
}
