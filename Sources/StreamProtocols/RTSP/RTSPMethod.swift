/// The methods of RTSP 1.0 (RFC 2326 §10). A method that the standard does not have is `other`, so that a server can
/// answer it with 501 instead of closing the connection. Names are case-sensitive (§10).
public enum RTSPMethod: Sendable, Hashable, RawRepresentable, CustomStringConvertible {
    case options, describe, announce, setup, play, pause, record, teardown, getParameter, setParameter, redirect
    /// A method that RFC 2326 does not define, spelled as it came.
    case other(String)

    /// - Parameter rawValue: the method as it stands in the request line.
    public init(rawValue: String) {
        self = Self.standard.first { $0.rawValue == rawValue } ?? .other(rawValue)
    }

    /// The method as it stands in the request line.
    public var rawValue: String {
        switch self {
        case .options: "OPTIONS"
        case .describe: "DESCRIBE"
        case .announce: "ANNOUNCE"
        case .setup: "SETUP"
        case .play: "PLAY"
        case .pause: "PAUSE"
        case .record: "RECORD"
        case .teardown: "TEARDOWN"
        case .getParameter: "GET_PARAMETER"
        case .setParameter: "SET_PARAMETER"
        case .redirect: "REDIRECT"
        case .other(let name): name
        }
    }

    /// The methods that RFC 2326 defines.
    public static let standard: [RTSPMethod] = [
        .options, .describe, .announce, .setup, .play, .pause, .record, .teardown, .getParameter, .setParameter,
        .redirect,
    ]

    public var description: String { rawValue }
}
