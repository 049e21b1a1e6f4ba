/// Takes secrets out of text that will be shown or logged.
enum Redaction {
    static let mask = "***"

    /// Parts of the names that cameras give to secrets in a query or in the path, such as `loginpas` and `password=x_`.
    private static let secretNames = [
        "pas", "pwd", "psw", "token", "secret", "key", "auth", "sig", "cred", "session", "sid",
    ]

    /// A URL without its user, its password, and the values of parameters that look like secrets.
    ///
    /// Prefers masking too much: a password that holds an unescaped `/` or `?` still goes.
    static func redactURL(_ url: some StringProtocol) -> String {
        let text = String(url)
        guard let scheme = text.firstRange(of: "://") else { return redactParameters(text) }
        let rest = text[scheme.upperBound...]
        let authorityEnd = rest.firstIndex { "/?#".contains($0) } ?? rest.endIndex
        let authority = rest[..<authorityEnd]
        var visible = rest
        var userinfo = ""
        if let at = authority.lastIndex(of: "@") {
            visible = rest[rest.index(after: at)...]
            userinfo = mask + "@"
        } else if authority.contains(":"), !authority.hasPrefix("["), let at = rest.lastIndex(of: "@") {
            visible = rest[rest.index(after: at)...]
            userinfo = mask + "@"
        } else if let colon = authority.lastIndex(of: ":"), !authority.hasPrefix("["),
            !authority[authority.index(after: colon)...].allSatisfy(\.isNumber)
        {
            // "user:pass" cut before its "@".
            return text[..<scheme.upperBound] + mask
        }
        return text[..<scheme.upperBound] + userinfo + redactParameters(String(visible))
    }

    /// Any log line: each URL in it, each `name=value` that looks like a secret, and HTTP authorization headers.
    static func redactLine(_ line: String) -> String {
        for header in ["authorization:", "cookie:"] {
            if let range = line.lowercased().firstRange(of: header) {
                // The lower-cased text may differ in length outside ASCII; the offset in characters does not.
                let offset = line.lowercased().distance(from: line.lowercased().startIndex, to: range.upperBound)
                return redactLine(String(line.prefix(offset - header.count)))
                    + line.dropFirst(offset - header.count)
                    .prefix(header.count) + " " + mask
            }
        }
        var result = ""
        var word = ""
        for character in line {
            if character.isWhitespace || "'\"<>".contains(character) {
                result += redactURL(word)
                result.append(character)
                word = ""
            } else {
                word.append(character)
            }
        }
        return result + redactURL(word)
    }

    /// `name=value` pairs, in a query or (as XMEye cameras do: `/user=admin_password=x_channel=1`) in a path.
    private static func redactParameters(_ text: String) -> String {
        var result = ""
        var rest = Substring(text)
        while let equals = rest.firstIndex(of: "=") {
            let head = rest[...equals]
            let name = head.dropLast().suffix(while: { !"?&;/_#, ".contains($0) }).lowercased()
            let isSecret = secretNames.contains { name.contains($0) }
            result += head
            rest = rest[rest.index(after: equals)...]
            guard isSecret else { continue }
            let end = rest.firstIndex { "&;/#, ".contains($0) } ?? rest.endIndex
            // XMEye ends a value by "_name=", and a password may hold "_" itself.
            var stop = end
            if let next = rest[..<end].firstIndex(of: "="),
                let underscore = rest[..<next].lastIndex(of: "_")
            {
                stop = underscore
            }
            if stop > rest.startIndex { result += mask }
            rest = rest[stop...]
        }
        return result + rest
    }
}

extension Collection where Self: BidirectionalCollection {
    fileprivate func suffix(while predicate: (Element) -> Bool) -> SubSequence {
        var start = endIndex
        while start > startIndex {
            let previous = index(before: start)
            guard predicate(self[previous]) else { break }
            start = previous
        }
        return self[start...]
    }
}
