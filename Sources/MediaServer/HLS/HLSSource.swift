import ConnectionLimits
import EngineContract
import StreamModel
import StreamProtocols

/// What HLS needs of the engine: who may read, and the stream of a path.
protocol HLSSource: Sendable {
    /// Lets a client read a path, or throws ``HLSRefusal/unauthorized``. A refusal may take its time, to slow down
    /// guessing.
    func authorizeHLS(
        path: String,
        address: IPAddress?,
        credentials: AccessCredentials
    ) async throws(HLSRefusal)

    /// How a path is packed that is not to be as the others.
    func hlsVariant(ofPath path: String) async -> HLSVariant?

    /// Makes a muxer a reader of a path, holding on while a publisher is started on demand.
    ///
    /// The muxer may be called before this returns, and is not called any more after ``detachHLS(_:)`` returned. A
    /// cancelled task does not hold on any longer.
    func attachHLS(_ muxer: any StreamReader, to path: String) async throws(HLSRefusal) -> HLSAttachment

    /// Ends what ``attachHLS(_:to:)`` began. Ending it twice, or after the end of the stream, does nothing.
    func detachHLS(_ attachment: HLSAttachment) async

    /// What may wait for a viewer with a connection.
    var viewerLimits: ViewerLimits { get async }
}

/// What may wait for viewers that read slowly.
struct ViewerLimits: Sendable {
    /// Bytes for one of them.
    var queuedByteCount: Int
    /// What waits for all.
    var queues: ReaderQueues
}

/// One reader of one path, by the identifier that the control API lists for it.
struct HLSAttachment: Sendable, Hashable {
    var id: String
    var path: String
}

/// Why a client does not get what it asked for.
enum HLSRefusal: Error, Equatable, CustomStringConvertible {
    /// No credentials, or wrong ones.
    case unauthorized
    /// The path is not configured, or has no publisher and nothing can start one.
    case noStream(path: String)
    /// Something was started on demand, and did not publish in time.
    case sourceTimedOut(path: String)
    /// What was started on demand ended without publishing.
    case sourceFailed(path: String)
    /// The publisher sends no picture that playing can begin with.
    case noPicture(path: String)
    /// The viewer plays nothing of what the path carries.
    case noCodec(path: String)
    /// The path has as many readers as it may have.
    case tooManyReaders(path: String)
    /// The engine serves no more viewers, or no more paths by HLS.
    case tooManyViewers
    /// The playlist or segment does not exist, or not any more.
    case notFound
    /// A part or segment that a viewer may not ask for yet.
    case tooFarAhead
    /// A request's query asks for what can't be met.
    case badDirective(DeliveryDirectiveError)
    /// The part or segment that a viewer waits for did not come in time.
    case notInTime(path: String)
    /// The control API ended the viewer's session.
    case sessionClosed
    /// The engine is shutting down.
    case closing

    var description: String {
        switch self {
        case .unauthorized: "This path needs a user name and a password that may read it."
        case .noStream(let path): "no stream is available on path '\(path)'"
        case .sourceTimedOut(let path):
            "The source of path '\(path)' did not start in time; try again in a few seconds."
        case .sourceFailed(let path):
            "The command that starts the source of path '\(path)' failed; the engine's log says why."
        case .noPicture(let path): "The source of path '\(path)' has sent no complete group of pictures in time."
        case .noCodec(let path): "Path '\(path)' carries nothing in a codec that the viewer plays."
        case .tooManyReaders(let path): "Path '\(path)' has as many readers as it may have."
        case .tooManyViewers: "This server has as many viewers as it may have; try again later."
        case .notFound: "There is no such playlist or segment, or it is not available any more."
        case .tooFarAhead: "This comes too long after the newest segment; read the playlist without _HLS_msn."
        case .badDirective(let error): error.description
        case .notInTime(let path): "The source of path '\(path)' has sent nothing new in time; try again."
        case .sessionClosed: "This session was closed; open index.m3u8 to start a new one."
        case .closing: "The engine is shutting down."
        }
    }
}
