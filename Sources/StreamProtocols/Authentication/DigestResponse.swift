import StreamModel

/// A client's answer to a Digest challenge (RFC 2617 §3.2.2, RFC 7616 §3.4).
public struct DigestResponse: Sendable, Equatable {
    public var user: String
    public var realm: String
    public var nonce: String
    /// The URI that the client hashed. Players put the base URL here in some requests, so a server that compares it
    /// with the request's must allow for that.
    public var uri: String
    /// The hash in hex.
    public var response: String
    public var algorithm: DigestAlgorithm
    public var opaque: String?
    /// `nc` of `qop=auth`, as it came: up to eight hexadecimal digits; nil when the client answered in the manner of RFC
    /// 2069.
    public var nonceCount: String?
    /// For `qop=auth`, and for the `-sess` algorithms.
    public var cnonce: String?

    init(
        user: String,
        realm: String,
        nonce: String,
        uri: String,
        response: String,
        algorithm: DigestAlgorithm,
        opaque: String?,
        nonceCount: String?,
        cnonce: String?
    ) {
        self.user = user
        self.realm = realm
        self.nonce = nonce
        self.uri = uri
        self.response = response
        self.algorithm = algorithm
        self.opaque = opaque
        self.nonceCount = nonceCount
        self.cnonce = nonceCount != nil || algorithm.isSession ? cnonce : nil
    }

    /// Reads what follows `Digest`.
    init?(parameters text: String) {
        let parameters = DigestParameters(text)
        guard
            let user = parameters["username"], let realm = parameters["realm"], let nonce = parameters["nonce"],
            let uri = parameters["uri"], let response = parameters["response"],
            let algorithm = DigestAlgorithm(parameter: parameters["algorithm"])
        else { return nil }
        var nonceCount: String?
        if let quality = parameters["qop"] {
            nonceCount = parameters["nc"]
            guard
                quality.equalsIgnoringASCIICase("auth"), parameters["cnonce"] != nil, let nonceCount,
                nonceCount.utf8.count <= 8, nonceCount.utf8.allSatisfy({ $0.hexDigitValue != nil })
            else { return nil }
        }
        self.init(
            user: user,
            realm: realm,
            nonce: nonce,
            uri: uri,
            response: response,
            algorithm: algorithm,
            opaque: parameters["opaque"],
            nonceCount: nonceCount,
            cnonce: parameters["cnonce"]
        )
    }

    /// Whether the answer was made with this password for this method, and for the nonce and URI that it names.
    ///
    /// The caller must see to it that the nonce and realm are those of its own challenge (`answers`) and that the URI
    /// is that of the request; else the answer to somebody else's challenge would do. The comparison takes the same
    /// time wherever the hashes differ.
    public func verify(password: String, method: String) -> Bool {
        let expected = [UInt8](expectedResponse(password: password, method: method).utf8)
        let given = [UInt8](response.lowercased().utf8)
        guard expected.count == given.count else { return false }
        return zip(expected, given).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }

    /// Whether this answers a challenge: same realm, nonce, algorithm and opaque value.
    public func answers(_ challenge: DigestChallenge) -> Bool {
        realm == challenge.realm && nonce == challenge.nonce && algorithm == challenge.algorithm
            && (opaque == nil || opaque == challenge.opaque)
    }

    /// RFC 2617 §3.2.2.1, and without `qop` as in RFC 2069 §2.1.2.
    func expectedResponse(password: String, method: String) -> String {
        var a1 = algorithm.hash("\(user):\(realm):\(password)")
        if algorithm.isSession { a1 = algorithm.hash("\(a1):\(nonce):\(cnonce ?? "")") }
        let a2 = algorithm.hash("\(method):\(uri)")
        guard let nonceCount else { return algorithm.hash("\(a1):\(nonce):\(a2)") }
        return algorithm.hash("\(a1):\(nonce):\(nonceCount):\(cnonce ?? ""):auth:\(a2)")
    }

    /// The value of an `Authorization` header.
    public var authorization: String {
        var parts = [
            "username=\(HeaderText.quoted(user))", "realm=\(HeaderText.quoted(realm))",
            "nonce=\(HeaderText.quoted(nonce))", "uri=\(HeaderText.quoted(uri))",
            "response=\(HeaderText.quoted(response))",
        ]
        if algorithm != .md5 { parts.append("algorithm=\(algorithm.rawValue)") }
        if let nonceCount { parts.append("qop=auth, nc=\(nonceCount)") }
        if let cnonce { parts.append("cnonce=\(HeaderText.quoted(cnonce))") }
        if let opaque { parts.append("opaque=\(HeaderText.quoted(opaque))") }
        return "Digest " + parts.joined(separator: ", ")
    }
}

extension DigestResponse: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The user; the hash is left out, because passwords can be guessed from it.
    public var description: String { "Digest \(user):\(Secret.mask)" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: ["user": user, "uri": uri, "response": Secret.mask]) }
}
