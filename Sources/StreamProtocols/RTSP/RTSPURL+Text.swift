extension RTSPURL {
    /// Reads a URL. A password with an unescaped `@` is understood: the last one before the path separates the host.
    public init(parsing text: String) throws(RTSPURLError) {
        guard text.utf8.count <= Self.byteCountLimit else { throw .tooLong(limit: Self.byteCountLimit) }
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else { throw .invalidCharacter }
        guard let (name, afterColon) = text.splitOnce(at: ":"), afterColon.hasPrefix("//") else {
            throw .unsupportedScheme("")
        }
        guard let scheme = Scheme(rawValue: name.lowercased()) else {
            throw .unsupportedScheme(printable(name.utf8))
        }
        let hierarchy = afterColon.dropFirst(2)
        let authorityEnd = hierarchy.firstIndex { $0 == "/" || $0 == "?" } ?? hierarchy.endIndex
        let authority = hierarchy[..<authorityEnd]

        var hostAndPort = authority
        var user: String?
        var password: String?
        if let at = authority.lastIndex(of: "@") {
            hostAndPort = authority[authority.index(after: at)...]
            let (name, secret) = authority[..<at].splitOnce(at: ":") ?? (authority[..<at], "")
            user = PercentEncoding.decode(name)
            password = authority[..<at].contains(":") ? PercentEncoding.decode(secret) : nil
        }
        let (host, port) = try Self.hostAndPort(hostAndPort)

        var rest = hierarchy[authorityEnd...]
        var query: String?
        if let (path, queryText) = rest.splitOnce(at: "?") {
            query = String(queryText)
            rest = path
        }
        let path = PercentEncoding.decode(rest.hasPrefix("/") ? rest.dropFirst() : rest)
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
        if text.hasPrefix("["), let close = text.firstIndex(of: "]") {
            host = text[text.index(after: text.startIndex)..<close]
            let rest = text[text.index(after: close)...]
            guard rest.isEmpty || rest.hasPrefix(":") else { throw .invalidPort(printable(rest.utf8)) }
            portText = rest.dropFirst()
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
        let shownHost = host.contains(":") ? "[\(host)]" : host
        let shownPort = port.map { ":\($0)" } ?? ""
        let shownQuery = query.map { "?\($0)" } ?? ""
        return "\(scheme.rawValue)://\(userInformation)\(shownHost)\(shownPort)/"
            + PercentEncoding.encodePath(path) + shownQuery
    }

    /// The URL of a track: a description's `control` attribute against its base (RFC 2326 §C.1.1).
    ///
    /// - Parameters:
    ///   - control: absolute, relative, or `*` for the base itself.
    ///   - base: the URL of `Content-Base`, else of `Content-Location`, else of the request, as text.
    public static func resolve(control: String?, base: String) -> String {
        guard let control, !control.isEmpty, control != "*" else { return base }
        if control.hasPrefixIgnoringASCIICase("rtsp://") || control.hasPrefixIgnoringASCIICase("rtsps://") {
            return control
        }
        // RFC 1808 would replace the last part of the path; servers expect it to be appended, as every client does.
        return base.hasSuffix("/") || control.hasPrefix("/") ? base + control : base + "/" + control
    }
}

extension RTSPURL: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The URL with `***` in place of the password. Query values are hidden too: cameras take passwords there.
    public var description: String {
        var shown = self
        shown.query = query.map { query in
            query.split(separator: "&", omittingEmptySubsequences: false).map { item in
                item.splitOnce(at: "=").map { "\($0.0)=***" } ?? String(item)
            }.joined(separator: "&")
        }
        let userInformation = user.map { PercentEncoding.encodeUserInformation($0) + (password == nil ? "@" : ":***@") }
        return shown.text(userInformation: userInformation ?? "")
    }

    public var debugDescription: String { description }

    /// What `dump` and the debugger show: no password either.
    public var customMirror: Mirror { Mirror(self, children: ["url": description]) }
}
