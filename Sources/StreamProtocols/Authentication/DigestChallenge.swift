/// A Digest challenge: the value of a `WWW-Authenticate` header (RFC 2617 §3.2.1, RFC 7616 §3.3).
public struct DigestChallenge: Sendable, Equatable {
    public var realm: String
    public var nonce: String
    public var algorithm: DigestAlgorithm
    public var opaque: String?
    /// Whether `qop=auth` is offered. RTSP servers leave it out, because many players only know RFC 2069.
    public var offersQOPAuth: Bool
    /// The nonce was too old, but the password right: the client tries again without asking the user.
    public var isStale: Bool

    /// - Parameter nonce: unguessable, made by the server.
    public init(
        realm: String,
        nonce: String,
        algorithm: DigestAlgorithm = .md5,
        opaque: String? = nil,
        offersQOPAuth: Bool = false,
        isStale: Bool = false
    ) {
        self.realm = realm
        self.nonce = nonce
        self.algorithm = algorithm
        self.opaque = opaque
        self.offersQOPAuth = offersQOPAuth
        self.isStale = isStale
    }

    /// Reads a `WWW-Authenticate` header.
    ///
    /// - Returns: nil when it is of another scheme, malformed, or wants an algorithm or `qop` that is not supported.
    public static func parse(_ header: String) -> DigestChallenge? {
        guard
            header.utf8.count <= HTTPCredentials.byteCountLimit,
            let (scheme, rest) = header.trimmingASCIIWhitespace().splitOnce(at: " "),
            scheme.equalsIgnoringASCIICase("Digest")
        else { return nil }
        let parameters = DigestParameters(rest)
        guard
            let realm = parameters["realm"], let nonce = parameters["nonce"],
            let algorithm = DigestAlgorithm(parameter: parameters["algorithm"])
        else { return nil }
        let qualities = parameters["qop"].map { HeaderText.split($0, at: 0x2C) } ?? []
        let offersAuth = qualities.contains { $0.equalsIgnoringASCIICase("auth") }
        guard qualities.isEmpty || offersAuth else { return nil }
        return DigestChallenge(
            realm: realm,
            nonce: nonce,
            algorithm: algorithm,
            opaque: parameters["opaque"],
            offersQOPAuth: offersAuth,
            isStale: parameters["stale"]?.equalsIgnoringASCIICase("true") ?? false
        )
    }

    /// The value of a `WWW-Authenticate` header.
    public var header: String {
        var parts = ["realm=\(HeaderText.quoted(realm))", "nonce=\(HeaderText.quoted(nonce))"]
        if offersQOPAuth { parts.append("qop=\"auth\"") }
        // Old players refuse an algorithm parameter that they needn't be told.
        if algorithm != .md5 { parts.append("algorithm=\(algorithm.rawValue)") }
        if let opaque { parts.append("opaque=\(HeaderText.quoted(opaque))") }
        if isStale { parts.append("stale=true") }
        return "Digest " + parts.joined(separator: ", ")
    }

    /// The client's answer to the challenge.
    ///
    /// - Parameters:
    ///   - method: the method of the request that it is for.
    ///   - uri: the URI in that request's first line.
    ///   - cnonce: unguessable, made by the client; used when the server offers `qop=auth` or a `-sess` algorithm.
    ///   - nonceCount: how many requests used this nonce, this one included.
    public func authorization(
        for credentials: BasicCredentials,
        method: String,
        uri: String,
        cnonce: String,
        nonceCount: UInt32 = 1
    ) -> DigestResponse {
        var response = DigestResponse(
            user: credentials.user,
            realm: realm,
            nonce: nonce,
            uri: uri,
            response: "",
            algorithm: algorithm,
            opaque: opaque,
            // RFC 2617 §3.2.2: eight hexadecimal digits.
            nonceCount: offersQOPAuth ? Hex.lowercase(nonceCount) : nil,
            cnonce: cnonce
        )
        response.response = response.expectedResponse(password: credentials.password, method: method)
        return response
    }
}

/// The comma-separated parameters of a challenge or response (RFC 7235 §2.1).
struct DigestParameters {
    private var values: [String: String] = [:]

    init(_ text: some StringProtocol) {
        for element in HeaderText.split(text, at: 0x2C) {
            let (name, value) = HeaderText.parameter(element)
            if values[name] == nil { values[name] = value }
        }
    }

    subscript(_ name: String) -> String? { values[name] }
}
