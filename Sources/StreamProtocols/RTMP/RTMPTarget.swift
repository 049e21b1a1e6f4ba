/// What a program asks to publish, and as whom: RTMP has no place for a user, so that programs write one behind the name of the
/// application or of the stream (`phone?user=phone&pass=…`), as with MediaMTX.
public struct RTMPTarget: Sendable, Equatable {
    /// The path, without slashes at its ends.
    public var path: String
    /// Nil when nothing is shown.
    public var credentials: BasicCredentials?

    /// - Parameters:
    ///   - application: that of `connect`.
    ///   - stream: the name that `publish` gives, which programs call the stream key.
    public init(application: String, stream: String) {
        let (folder, folderQuery) = Self.split(application)
        let (name, nameQuery) = Self.split(stream)
        path = (folder.split(separator: "/") + name.split(separator: "/")).joined(separator: "/")
        let items = Self.items(folderQuery).merging(Self.items(nameQuery)) { $1 }
        credentials = items["user"].map { BasicCredentials(user: $0, password: items["pass"] ?? "") }
    }

    private static func split(_ text: String) -> (path: Substring, query: Substring) {
        let end = text.firstIndex(of: "?") ?? text.endIndex
        return (text[..<end], text[end...].dropFirst())
    }

    private static func items(_ query: Substring) -> [String: String] {
        query.split(separator: "&").reduce(into: [:]) { items, item in
            let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 { items[String(parts[0])] = PercentEncoding.decode(parts[1]) }
        }
    }
}
