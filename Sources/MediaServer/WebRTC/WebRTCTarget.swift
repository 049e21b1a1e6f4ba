import StreamModel

/// What a request's path names on the port of WebRTC.
enum WebRTCTarget: Equatable {
    /// What a client wants of a path, by the word behind it.
    enum Role: String, CaseIterable {
        /// WHEP
        case view = "whep"
        /// WHIP
        case publish = "whip"
    }

    /// `/{path}`: sent on, by a relative address that also holds behind a proxy's prefix.
    case redirect(location: String)
    /// `/{path}/`: the page that plays.
    case page(path: String)
    /// `/{path}/whep`, `/{path}/whip`
    case endpoint(path: String, Role)
    /// `/{path}/whep/{secret}`, `/{path}/whip/{secret}`
    case session(path: String, secret: String)

    /// Reads the path of a URL, still percent-encoded. nil when it can name nothing of ours.
    init?(urlPath: String) {
        guard let decoded = EngineURLPath.decoded(urlPath) else { return nil }
        var parts = decoded.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard let last = parts.popLast() else { return nil }
        func path(_ parts: [String]) -> String? {
            let name = parts.joined(separator: "/")
            return PathName.problem(with: name) == nil ? name : nil
        }
        if let role = Role(rawValue: last), let path = path(parts) {
            self = .endpoint(path: path, role)
        } else if parts.last.flatMap(Role.init) != nil, !last.isEmpty, let path = path(Array(parts.dropLast())) {
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
