import StreamModel

/// What a request's path names.
enum HLSRequestTarget: Equatable {
    /// `/{path}` and `/{path}/`: the player is sent on, by a relative address that also holds behind a proxy's prefix.
    case redirect(location: String)
    case multivariantPlaylist(path: String)
    case mediaPlaylist(path: String)
    /// The whole stream as one MP4 that doesn't end.
    case stream(path: String)
    case file(path: String, name: String)

    static let multivariantPlaylistName = "index.m3u8"

    /// Reads the path of a URL, still percent-encoded. nil when it can name nothing of ours.
    ///
    /// A path of the engine may have slashes, so that only the last part tells files from paths.
    init?(urlPath: String) {
        guard let decoded = EngineURLPath.decoded(urlPath), let lastSlash = decoded.lastIndex(of: "/") else {
            return nil
        }
        let name = String(decoded[decoded.index(after: lastSlash)...])
        let parent = String(decoded[..<lastSlash].dropFirst())

        if name.isEmpty {
            guard PathName.problem(with: parent) == nil else { return nil }
            self = .redirect(location: Self.multivariantPlaylistName)
        } else if !Self.isFileName(name) {
            guard PathName.problem(with: String(decoded.dropFirst())) == nil else { return nil }
            self = .redirect(location: name + "/")
        } else {
            guard PathName.problem(with: parent) == nil else { return nil }
            switch name {
            case Self.multivariantPlaylistName: self = .multivariantPlaylist(path: parent)
            case HLSMuxer.mediaPlaylistName: self = .mediaPlaylist(path: parent)
            case MP4Muxer.streamName: self = .stream(path: parent)
            default: self = .file(path: parent, name: name)
            }
        }
    }

    private static func isFileName(_ name: String) -> Bool {
        name.hasSuffix(".m3u8") || name.hasSuffix(".ts") || name.hasSuffix(".mp4") || name == "favicon.ico"
    }
}
