import StreamModel

/// What a request's path names on the port of WebRTC.
enum WebRTCTarget: Equatable {
    /// `/{path}`: sent on, by a relative address that also holds behind a proxy's prefix.
    case redirect(location: String)
    /// `/{path}/`: the page that plays.
    case page(path: String)
    /// `/{path}/whep`
    case endpoint(path: String)
    /// `/{path}/whep/{secret}`
    case session(path: String, secret: String)

    static let name = "whep"

    /// Reads the path of a URL, still percent-encoded. nil when it can name nothing of ours.
    init?(urlPath: String) {
        guard let decoded = EngineURLPath.decoded(urlPath) else { return nil }
        var parts = decoded.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard let last = parts.popLast() else { return nil }
        func path(_ parts: [String]) -> String? {
            let name = parts.joined(separator: "/")
            return PathName.problem(with: name) == nil ? name : nil
        }
        if last == Self.name, let path = path(parts) {
            self = .endpoint(path: path)
        } else if parts.last == Self.name, !last.isEmpty, let path = path(Array(parts.dropLast())) {
            self = .session(path: path, secret: last)
        } else if last.isEmpty, let path = path(parts) {
            self = .page(path: path)
        } else if last != "favicon.ico", path(parts + [last]) != nil {
            self = .redirect(location: last + "/")
        } else {
            return nil
        }
    }
}
