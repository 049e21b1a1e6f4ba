import EngineContract

/// Where releases are downloaded from.
struct ReleaseSource: Hashable, Sendable {
    /// Without a slash at the end; `<base>/<version>/<file>` is a file of a release.
    let baseURL: String

    static let github = "https://github.com/bluenviron/mediamtx/releases/download"
    static let checksumFile = "checksums.sha256"

    /// - Parameter baseURL: a mirror with the same layout (`TOPOSYNC_STREAMING_ENGINE_DOWNLOAD_BASE_URL`); nil is GitHub.
    init(baseURL: String?) {
        var base = baseURL?.trimmingPrefix(while: \.isWhitespace) ?? Self.github[...]
        while base.last == "/" || base.last?.isWhitespace == true { base.removeLast() }
        self.baseURL = base.isEmpty ? Self.github : String(base)
    }

    func url(_ file: String, version: MediaMTXVersion) -> String { "\(baseURL)/\(version)/\(file)" }
}
