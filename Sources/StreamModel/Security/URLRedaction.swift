extension String {
    /// The text with the user information of every URL in it replaced by a mask:
    /// `rtsp://admin:pw@camera/1` → `rtsp://••••@camera/1`, and with the values of items that are called like secrets, be
    /// they in a query or in a path: `/user=admin_password=pw_channel=1` → `/user=admin_password=••••_channel=1`.
    public var redactingCredentials: String {
        replacing((userInformationRanges + secretItemRanges).sorted { $0.lowerBound < $1.lowerBound }) { _ in
            Secret.mask
        }
    }

    /// The text with what is masked in it taken from another one, of which it is an edited redaction.
    func restoringSecretItems(of original: String) -> String {
        let secrets = original.secretItemRanges.map { original[$0] }
        let ranges = secretItemRanges
        return replacing(ranges) { index in
            let shown = self[ranges[index]]
            return String(shown == Secret.mask && index < secrets.count ? secrets[index] : shown)
        }
    }

    private func replacing(_ ranges: [Range<Index>], with replacement: (Int) -> String) -> String {
        var result = ""
        var rest = startIndex
        for (index, range) in ranges.enumerated() where range.lowerBound >= rest {
            result += self[rest..<range.lowerBound] + replacement(index)
            rest = range.upperBound
        }
        return result + self[rest...]
    }

    /// Where names and passwords stand before the host of a URL (RFC 3986 §3.2.1).
    private var userInformationRanges: [Range<Index>] {
        var ranges: [Range<Index>] = []
        var rest = self[...]
        while let scheme = rest.firstRange(of: "://") {
            rest = rest[scheme.upperBound...]
            let end = rest.firstIndex(where: { "/?# \t\n\"'<>".contains($0) }) ?? rest.endIndex
            // A password may itself hold '@', so the last one ends it.
            guard let at = rest[..<end].lastIndex(of: "@") else { continue }
            ranges.append(rest.startIndex..<at)
            rest = rest[at...]
        }
        return ranges
    }

    /// What the last word of an item's name is when its value is a secret.
    private static let secretNames: Set<String> = [
        "password", "passwd", "passphrase", "pass", "pwd", "psw", "pw", "loginpas", "token", "secret", "auth", "apikey",
    ]

    /// Where the values of items stand that are called like secrets.
    var secretItemRanges: [Range<Index>] {
        var ranges: [Range<Index>] = []
        var rest = self[...]
        while let equals = rest.firstIndex(of: "=") {
            let before = rest[..<equals]
            let nameStart = before.lastIndex { !($0.isLetter || $0.isNumber || $0 == "_" || $0 == "-") }
            let name = before[(nameStart.map(before.index(after:)) ?? before.startIndex)...].lowercased()
            let previous =
                nameStart.map { self[$0] }
                ?? (before.startIndex > startIndex ? self[index(before: before.startIndex)] : " ")
            rest = rest[rest.index(after: equals)...]
            let lastWord = name.split(whereSeparator: { $0 == "_" || $0 == "-" }).last.map(String.init) ?? ""
            guard Self.secretNames.contains(lastWord) || name.hasSuffix("api_key") || name.hasSuffix("api-key") else {
                continue
            }
            var end = rest.firstIndex(where: { "&;# \t\n\"'<>".contains($0) }) ?? rest.endIndex
            // Cameras of XiongMai and Dahua join the items of a path by '_'; a value ends where the next name begins.
            if previous == "=" || previous == "/",
                let next = rest[..<end].firstIndex(of: "="), let joint = rest[..<next].lastIndex(of: "_")
            {
                end = joint
            }
            if end > rest.startIndex { ranges.append(rest.startIndex..<end) }
            rest = rest[end...]
        }
        return ranges
    }
}
