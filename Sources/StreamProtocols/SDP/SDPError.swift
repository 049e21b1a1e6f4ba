/// Why text is not a session description.
public enum SDPError: Error, Equatable, CustomStringConvertible {
    case tooLong(byteCount: Int, limit: Int)
    case tooManyLines(limit: Int)
    case tooManyMedia(limit: Int)
    case notADescription
    case malformedMedia(String)

    public var description: String {
        switch self {
        case .tooLong(let byteCount, let limit):
            "The session description of \(byteCount) bytes exceeds the limit of \(limit) bytes."
        case .tooManyLines(let limit):
            "The session description has more than \(limit) lines."
        case .tooManyMedia(let limit):
            "The session description has more than \(limit) media."
        case .notADescription:
            "The session description is empty or holds neither \"v=0\" nor media; the peer did not send SDP."
        case .malformedMedia(let line):
            "The media line \"\(line)\" of the session description is malformed."
        }
    }
}
