/// Why a path can't be read or published.
enum PathError: Error, Equatable, CustomStringConvertible {
    case invalidName(String, problem: String)
    case notConfigured(path: String)
    case noStream(path: String)
    case timedOut(path: String)
    /// The command that was to bring a publisher has ended, and none has come.
    case commandEnded(path: String)
    case tooManyReaders(path: String, limit: Int)
    /// All paths together have as many viewers as the engine serves.
    case noRoomForViewer(limit: Int)
    case alreadyPublished(path: String)
    /// The path's source is not a publisher.
    case notPublishable(path: String)
    case closing

    /// The texts are MediaMTX's where it has one (reference: mediamtx-facts E.5).
    var description: String {
        switch self {
        case .invalidName(let name, let problem): "invalid path name '\(name)': \(problem)"
        case .notConfigured(let path): "path '\(path)' is not configured"
        case .noStream(let path): "no stream is available on path '\(path)'"
        case .timedOut(let path): "source of path '\(path)' has timed out"
        case .commandEnded(let path): "the runOnDemand command of path '\(path)' ended, and nobody publishes the path"
        case .tooManyReaders(let path, let limit): "path '\(path)' has reached its limit of \(limit) readers"
        case .noRoomForViewer(let limit): "the engine has reached its limit of \(limit) viewers"
        case .alreadyPublished(let path): "someone is already publishing to path '\(path)'"
        case .notPublishable(let path): "path '\(path)' can't be published to, because its source is not 'publisher'"
        case .closing: "the engine is shutting down"
        }
    }
}
