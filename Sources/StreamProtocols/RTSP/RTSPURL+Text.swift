import StreamModel

extension RTSPURL {
    /// Reads a URL. A password with an unescaped `@` is understood: the last one before the path separates the host.
    public init(parsing text: String) throws(RTSPURLError) {
        guard text.utf8.count <= Self.byteCountLimit else { throw .tooLong(limit: Self.byteCountLimit) }
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else { throw .invalidCharacter }
        guard let (name, afterColon) = text.splitOnce(at: ":"), afterColon.utf8.starts(with: "//".utf8) else {
            throw .unsupportedScheme("")
        }
        guard let scheme = Scheme(rawValue: name.lowercased()) else {
            throw .unsupportedScheme(printable(name.utf8))
        }
        let hierarchy = Substring(afterColon.utf8.dropFirst(2))
        let authorityEnd = hierarchy.utf8.firstIndex { $0 == 0x2F || $0 == 0x3F } ?? hierarchy.endIndex
        let authority = hierarchy[..<authorityEnd]

        var hostAndPort = authority
        var user: String?
        var password: String?
        if let at = authority.utf8.lastIndex(of: 0x40) {
            hostAndPort = authority[authority.utf8.index(after: at)...]
            let account = authority[..<at].splitOnce(at: ":")
            user = PercentEncoding.decode(account?.0 ?? authority[..<at])
            password = account.map { PercentEncoding.decode($0.1) }
        }
        let (host, port) = try Self.hostAndPort(hostAndPort)

        var rest = hierarchy[authorityEnd...]
        var query: String?
        if let (path, queryText) = rest.splitOnce(at: "?") {
            query = String(queryText)
            rest = path
        }
        let path = PercentEncoding.decode(rest.utf8.first == 0x2F ? Substring(rest.utf8.dropFirst()) : rest)
        guard path.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else { throw .invalidCharacter }
        self.init(
            scheme: scheme,
            user: user,
            password: password,
            host: host,
            port: port,
            path: path,
            query: query
        )
    }

    private static func hostAndPort(_ text: Substring) throws(RTSPURLError) -> (String, UInt16?) {
        var host = text
        var portText: Substring = ""
        if text.utf8.first == 0x5B, let close = text.utf8.firstIndex(of: 0x5D) {
            host = text[text.utf8.index(after: text.startIndex)..<close]
            let rest = text[text.utf8.index(after: close)...]
            guard rest.isEmpty || rest.utf8.first == 0x3A else { throw .invalidPort(printable(rest.utf8)) }
            portText = Substring(rest.utf8.dropFirst())
        } else if let (name, port) = text.splitOnce(at: ":") {
            host = name
            portText = port
        }
        guard !host.isEmpty else { throw .missingHost }
        guard host.utf8.allSatisfy(isHostCharacter) else { throw .invalidCharacter }
        guard !portText.isEmpty else { return (String(host), nil) }
        guard let port = UInt16(portText), port > 0, portText.utf8.allSatisfy(\.isASCIIDigit) else {
            throw .invalidPort(printable(portText.utf8))
        }
        return (String(host), port)
    }

    /// Letters, digits and the signs of names and addresses, `%` for an IPv6 zone; bytes above 127 are for names in
    /// other scripts.
    private static func isHostCharacter(_ byte: UInt8) -> Bool {
        byte.isASCIILetterOrDigit || byte >= 0x80 || "-._~:%".utf8.contains(byte)
    }

    /// The URL for a request line or a `Content-Base`: without user and password, which go into `Authorization`.
    public var requestURI: String { text(userInformation: "") }

    private func text(userInformation: String) -> String {
        let shownPort = port.map { ":\($0)" } ?? ""
        let shownQuery = query.map { "?\($0)" } ?? ""
        return "\(scheme.rawValue)://\(userInformation)\(URLAuthority.host(host))\(shownPort)/"
            + PercentEncoding.encodePath(path) + shownQuery
    }
}

extension RTSPURL: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The URL with a mask in place of each secret, as in every text: a path or a query may have one too.
    public var description: String {
        var account = user.map(PercentEncoding.encodeUserInformation)
        if let password { account = "\(account ?? ""):\(PercentEncoding.encodeUserInformation(password))" }
        return text(userInformation: account.map { "\($0)@" } ?? "").redactingCredentials
    }

    public var debugDescription: String { description }

    /// What `dump` and the debugger show: no password either.
    public var customMirror: Mirror { Mirror(self, children: ["url": description]) }
}
