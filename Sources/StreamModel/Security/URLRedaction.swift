extension String {
    /// The text with the user information of every URL in it replaced by a mask:
    /// `rtsp://admin:pw@camera/1` → `rtsp://••••@camera/1`, and with values of query items that are called like secrets.
    public var redactingCredentials: String {
        var result = ""
        var rest = self[...]
        while let scheme = rest.firstRange(of: "://") {
            result += rest[..<scheme.upperBound]
            rest = rest[scheme.upperBound...]
            let end = rest.firstIndex(where: { "/?# \t\n\"'<>".contains($0) }) ?? rest.endIndex
            if let at = rest[..<end].lastIndex(of: "@") {
                result += Secret.mask
                rest = rest[at...]
            }
        }
        return (result + rest).redactingQueryItems
    }

    private var redactingQueryItems: String {
        var result = ""
        var rest = self[...]
        while let equals = rest.firstIndex(of: "=") {
            let nameStart = rest[..<equals].lastIndex(where: { !($0.isLetter || $0.isNumber || $0 == "_" || $0 == "-") }
            )
            let name = rest[(nameStart.map(rest.index(after:)) ?? rest.startIndex)..<equals].lowercased()
            let valueStart = rest.index(after: equals)
            result += rest[..<valueStart]
            rest = rest[valueStart...]
            if ["password", "passwd", "pass", "pwd", "token", "secret", "auth"].contains(name), !rest.isEmpty {
                let end = rest.firstIndex(where: { "&;# \t\n\"'<>".contains($0) }) ?? rest.endIndex
                if end > rest.startIndex { result += Secret.mask }
                rest = rest[end...]
            }
        }
        return result + rest
    }
}
