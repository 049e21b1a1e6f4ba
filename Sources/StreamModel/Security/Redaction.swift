/// Decides what is a secret in texts that were not made of ``Secret``s: addresses, lines of logs, what users sent.
///
/// Prefers to mask too much. Whatever leaves the server passes through here: lines of every log, what programs that we did
/// not write say, answers, and the bundle of diagnostics. Who sends a text may not have signed in, so the time that it takes
/// grows with its length alone: nothing is looked at once for each item before it.
enum Redaction {
    /// What the last word of a name is when its value is a secret.
    private static let secretWords: Set<String> = [
        "password", "passwd", "passphrase", "pass", "pas", "pwd", "psw", "pw", "token", "secret", "auth",
        "authorization",
        // An SRT caller says with it who it is.
        "streamid", "key", "sig", "signature", "cred", "credential", "credentials", "session", "sid", "cookie",
    ]
    /// The same where cameras join words without anything between them, as in `loginpas` and `userpwd`.
    private static let secretEndings = [
        "password", "passwd", "pas", "pass", "pwd", "psw", "token", "secret", "apikey", "accesskey", "authkey",
        "authcode",
        "sessionid", "signature",
    ]

    /// Whether what is called so is a secret: an item of a query or of a path, a member of a document.
    static func isSecret(name: some StringProtocol) -> Bool {
        let words = name.lowercased().split { $0 == "_" || $0 == "-" }
        guard let last = words.last else { return false }
        return secretWords.contains(String(last)) || secretEndings.contains(where: last.hasSuffix)
            || words.suffix(2) == ["setup", "code"] || words.suffix(3) == ["srt", "stream", "id"]
    }

    /// Where the secrets of a text stand, in their order. They don't overlap.
    static func secrets(in text: String) -> [Range<String.Index>] {
        let found = userInformation(in: text) + items(in: text) + fields(in: text) + streamIdentifiers(in: text)
        return found.sorted { $0.lowerBound < $1.lowerBound }.reduce(into: []) { ranges, range in
            if range.lowerBound >= ranges.last?.upperBound ?? text.startIndex { ranges.append(range) }
        }
    }

    /// What stands before the host of a URL (RFC 3986 §3.2.1).
    private static func userInformation(in text: String) -> [Range<String.Index>] {
        var ranges: [Range<String.Index>] = []
        var rest = text[...]
        // One that begins within another ends with it.
        var url = text[..<text.startIndex]
        var lastAt: String.Index?
        var lastAtIsBeforeAHost = false
        while let scheme = rest.firstRange(of: "://") {
            let isRTSP = ["rtsp", "rtsps"].contains { rest[..<scheme.lowerBound].suffix(5).lowercased().hasSuffix($0) }
            rest = rest[scheme.upperBound...]
            if url.endIndex <= rest.startIndex {
                url = rest.prefix { !" \t\r\n\"'<>".contains($0) }
                lastAt = url.lastIndex(of: "@")
                lastAtIsBeforeAHost = lastAt.map { beginsWithHost(url[url.index(after: $0)...]) } ?? false
            }
            let authority = rest[..<url.endIndex].prefix { !"/?#".contains($0) }
            var end = authority.lastIndex(of: "@")
            // A user and a password of digits look like a host and its port. Paths of cameras hold no '@'; others may.
            let mayBeAccount = isRTSP && lastAtIsBeforeAHost && !authority.hasPrefix("[") && authority.contains(":")
            if end == nil, mayBeAccount || !isHostAndPort(authority) {
                // A password that holds '/' or '?' as they are, or an address that was cut before its '@'.
                end = lastAt.flatMap { $0 >= rest.startIndex ? $0 : nil } ?? authority.endIndex
            }
            // A password may itself hold '@', so the last one ends it.
            guard let end else { continue }
            ranges.append(rest.startIndex..<end)
            rest = rest[end...]
        }
        return ranges
    }

    private static func isHostAndPort(_ authority: Substring) -> Bool {
        guard !authority.hasPrefix("["), let colon = authority.lastIndex(of: ":") else { return true }
        // A sentence may go on behind it.
        let port = authority[authority.index(after: colon)...].prefix { !".,;:!)]}…".contains($0) }
        return port.isEmpty || port.allSatisfy(\.isNumber) && UInt16(port) != nil
    }

    private static func beginsWithHost(_ text: Substring) -> Bool {
        let host = text.prefix { !"/?#".contains($0) }
        return !host.isEmpty && host.allSatisfy { $0.isLetter || $0.isNumber || "-._~%:[].,;!)}…".contains($0) }
    }

    /// The values of items `name=value`, be they in a query or in a path.
    private static func items(in text: String) -> [Range<String.Index>] {
        var ranges: [Range<String.Index>] = []
        var rest = text[...]
        while let equals = rest.firstIndex(of: "=") {
            let name = name(before: equals, in: rest)
            let previous = name.startIndex > text.startIndex ? text[text.index(before: name.startIndex)] : " "
            rest = rest[rest.index(after: equals)...]
            guard isSecret(name: name) else { continue }
            // Cameras of XiongMai and Dahua join the items of a path by '_'; a value ends where the next name begins.
            let isJoined = previous == "=" || previous == "/"
            var end = rest.firstIndex { $0 == "=" ? isJoined : endsItem($0) } ?? rest.endIndex
            if end < rest.endIndex, rest[end] == "=" {
                end = rest[..<end].lastIndex(of: "_") ?? rest[end...].firstIndex(where: endsItem) ?? rest.endIndex
            }
            if end > rest.startIndex { ranges.append(rest.startIndex..<end) }
            rest = rest[end...]
        }
        return ranges
    }

    private static func endsItem(_ character: Character) -> Bool { "&;# \t\r\n\"'<>".contains(character) }

    /// The values of the header fields that let somebody in (RFC 9110 §11.6.2, RFC 6265 §4), which go to the line's end.
    private static func fields(in text: String) -> [Range<String.Index>] {
        var ranges: [Range<String.Index>] = []
        var rest = text[...]
        while let colon = rest.firstIndex(of: ":") {
            let name = name(before: colon, in: rest).lowercased()
            rest = rest[rest.index(after: colon)...].drop { $0 == " " }
            guard name.hasSuffix("authorization") || name.hasSuffix("cookie") else { continue }
            let end = rest.firstIndex(where: \.isNewline) ?? rest.endIndex
            if end > rest.startIndex { ranges.append(rest.startIndex..<end) }
            rest = rest[end...]
        }
        return ranges
    }

    /// What MediaMTX says of a caller of SRT whose stream identifier it can't read, and who may have put a key into it.
    private static func streamIdentifiers(in text: String) -> [Range<String.Index>] {
        var ranges: [Range<String.Index>] = []
        var rest = text[...]
        while let beginning = rest.firstRange(of: "stream ID '") {
            rest = rest[beginning.upperBound...]
            let line = rest.prefix { !$0.isNewline }
            // It may itself hold the sign that ends it.
            let end = line.lastIndex(of: "'") ?? line.endIndex
            if end > rest.startIndex { ranges.append(rest.startIndex..<end) }
            rest = rest[end...]
        }
        return ranges
    }

    private static func name(before index: String.Index, in text: Substring) -> Substring {
        let before = text[..<index]
        let start = before.lastIndex { !($0.isLetter || $0.isNumber || $0 == "_" || $0 == "-") }
        return before[(start.map(before.index(after:)) ?? before.startIndex)...]
    }
}

extension String {
    /// The text with a mask in place of each secret: `rtsp://admin:pw@camera/1` → `rtsp://••••@camera/1`, and
    /// `/user=admin_password=pw_channel=1` → `/user=admin_password=••••_channel=1`.
    public var redactingCredentials: String {
        replacing(Redaction.secrets(in: self)) { _ in Secret.mask }
    }

    /// The text with what is masked in it taken from another one, of which it is an edited redaction.
    func restoringSecrets(of original: String) -> String {
        let secrets = Redaction.secrets(in: original).map { original[$0] }
        let ranges = Redaction.secrets(in: self)
        return replacing(ranges) { index in
            let shown = self[ranges[index]]
            return String(shown == Secret.mask && index < secrets.count ? secrets[index] : shown)
        }
    }

    private func replacing(_ ranges: [Range<Index>], with replacement: (Int) -> String) -> String {
        guard !ranges.isEmpty else { return self }
        var result = ""
        var rest = startIndex
        for (index, range) in ranges.enumerated() {
            result += self[rest..<range.lowerBound] + replacement(index)
            rest = range.upperBound
        }
        return result + self[rest...]
    }
}

extension JSONValue {
    /// The value with every member that is called like a secret, and every secret in a text, replaced by a mask.
    public var hidingSecrets: JSONValue {
        switch self {
        case .object(let members):
            .object(
                members.reduce(into: [:]) { result, member in
                    let isSecret = Redaction.isSecret(name: member.key) && member.value != .null
                    result[member.key] = isSecret ? .string(Secret.mask) : member.value.hidingSecrets
                })
        case .array(let elements): .array(elements.map(\.hidingSecrets))
        case .string(let text): .string(text.redactingCredentials)
        case .null, .bool, .integer, .number: self
        }
    }
}
