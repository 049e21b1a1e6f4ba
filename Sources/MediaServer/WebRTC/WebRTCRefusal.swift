import EngineContract
import HTTPTypes
import StreamProtocols

/// Why a client of WebRTC does not get what it asked for.
enum WebRTCRefusal: Error, CustomStringConvertible {
    /// No credentials for an action, or wrong ones.
    case unauthorized(AuthAction)
    /// The path can't be read or published now.
    case path(PathError)
    /// The offer can't be used, or not for this path.
    case offer(WebRTCOfferError)
    /// The path's pictures are sent in another order than they are shown in.
    case reordered
    case unsupportedContentType(expected: String)
    case tooLong(limit: Int)
    case noSession
    /// The fragment does not say of which version of the session it is, or of another one.
    case noEntityTag
    case otherEntityTag
    case iceRestart
    case tooManySessions
    case tooManyPublishers
    /// OpenSSL has failed.
    case encryption(DTLSError)

    var description: String {
        switch self {
        case .unauthorized(let action):
            "This path needs a user name and a password that may \(action.rawValue) it; a bearer token is NAME:PASSWORD."
        case .path(let error): "\(error)"
        case .offer(let error): "\(error)"
        case .reordered:
            "The pictures of this path refer to later ones (B-frames), which WebRTC can't carry. Play it by HLS or RTSP, or publish it "
                + "without B-frames."
        case .unsupportedContentType(let expected): "The body has to be sent with Content-Type: \(expected)."
        case .tooLong(let limit): "The body is longer than \(limit) bytes."
        case .noSession: "There is no such session; it may have ended. Send an offer to start a new one."
        case .noEntityTag: "A change of a session needs If-Match with the ETag that the session was answered with."
        case .otherEntityTag: "The session's ETag is another one than If-Match says."
        case .iceRestart: "ICE is not restarted within a session; end it and send a new offer."
        case .tooManySessions: "This server has as many viewers as it may have; try again later."
        case .tooManyPublishers: "As many publish by WebRTC as may, here or from this address; try again later."
        case .encryption(let error): "\(error)"
        }
    }

    var status: HTTPResponse.Status {
        switch self {
        case .unauthorized: .unauthorized
        case .path(.invalidName), .path(.notConfigured), .path(.noStream), .path(.timedOut), .path(.commandEnded),
            .noSession:
            .notFound
        case .path(.notPublishable): .forbidden
        case .path(.alreadyPublished): .conflict
        case .path(.tooManyReaders), .path(.noRoomForViewer), .path(.closing), .tooManySessions, .tooManyPublishers:
            .serviceUnavailable
        case .offer(let error): HTTPResponse.Status(code: error.status)
        case .unsupportedContentType: .unsupportedMediaType
        case .tooLong: .contentTooLarge
        case .noEntityTag: .preconditionRequired
        case .otherEntityTag: .preconditionFailed
        case .iceRestart, .reordered: .unprocessableContent
        case .encryption: .internalServerError
        }
    }

    /// After how many seconds it is worth trying again; nil where that does not depend on time.
    var retryAfterSeconds: Int? {
        switch self {
        // A camera may come back at any time.
        case .path(.noStream), .path(.timedOut), .path(.commandEnded): 2
        case .path(.tooManyReaders), .path(.noRoomForViewer), .path(.closing), .tooManySessions, .tooManyPublishers: 10
        case .unauthorized, .path(.invalidName), .path(.notConfigured), .path(.alreadyPublished),
            .path(.notPublishable),
            .offer, .reordered, .unsupportedContentType, .tooLong, .noSession, .noEntityTag, .otherEntityTag,
            .iceRestart,
            .encryption:
            nil
        }
    }
}
