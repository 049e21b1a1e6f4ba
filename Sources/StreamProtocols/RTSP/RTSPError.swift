/// Why bytes are not an RTSP message. None of these can be recovered from on the same connection, because it is no
/// longer known where the next message begins: answer with `status` if a request was expected, and close.
public enum RTSPError: Error, Equatable, CustomStringConvertible {
    case malformedStartLine(String)
    case unsupportedVersion(String)
    case malformedHeader(String)
    case invalidContentLength(String)
    case lineTooLong(limit: Int)
    case headTooLong(limit: Int)
    case tooManyHeaders(limit: Int)
    case bodyTooLarge(byteCount: Int, limit: Int)

    /// What a server answers before it closes the connection.
    public var status: RTSPStatus {
        switch self {
        case .malformedStartLine, .malformedHeader, .invalidContentLength, .headTooLong, .tooManyHeaders: .badRequest
        case .unsupportedVersion: .versionNotSupported
        case .lineTooLong: .requestURITooLarge
        case .bodyTooLarge: .requestEntityTooLarge
        }
    }

    public var description: String {
        switch self {
        case .malformedStartLine(let line):
            "\"\(line)\" is neither an RTSP request nor a response; is the peer an RTSP program?"
        case .unsupportedVersion(let version):
            "The peer speaks \(version); only RTSP/1.0 is supported."
        case .malformedHeader(let line):
            "\"\(line)\" is not a header line."
        case .invalidContentLength(let value):
            "The Content-Length \"\(value)\" is not a length."
        case .lineTooLong(let limit):
            "A line of the RTSP message is longer than the limit of \(limit) bytes."
        case .headTooLong(let limit):
            "The headers of the RTSP message are longer than the limit of \(limit) bytes."
        case .tooManyHeaders(let limit):
            "The RTSP message has more than the limit of \(limit) headers."
        case .bodyTooLarge(let byteCount, let limit):
            "The RTSP message's body of \(byteCount) bytes exceeds the limit of \(limit) bytes."
        }
    }
}
