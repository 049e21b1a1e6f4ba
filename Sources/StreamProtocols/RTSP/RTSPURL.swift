/// Why text is not an RTSP URL. The text itself is not repeated, because it may hold a password.
public enum RTSPURLError: Error, Equatable, CustomStringConvertible {
    case tooLong(limit: Int)
    case invalidCharacter
    case unsupportedScheme(String)
    case missingHost
    case invalidPort(String)

    public var description: String {
        switch self {
        case .tooLong(let limit): "The URL is longer than \(limit) bytes."
        case .invalidCharacter: "The URL contains a character that may not stand there; write it percent-encoded."
        case .unsupportedScheme(let scheme): "The URL must begin with rtsp:// or rtsps://, not \"\(scheme)\"."
        case .missingHost: "The URL has no host; write it like rtsp://192.168.1.10:554/stream."
        case .invalidPort(let port): "\"\(port)\" is not a port; use a number from 1 to 65535."
        }
    }
}

/// An RTSP URL taken apart (RFC 2326 §3.2). Its description never shows the password.
public struct RTSPURL: Sendable, Equatable {
    public enum Scheme: String, Sendable {
        case rtsp, rtsps, rtspu

        /// The port when the URL names none.
        public var defaultPort: UInt16 { self == .rtsps ? 322 : 554 }
    }

    public static let byteCountLimit = 4096

    public var scheme: Scheme
    /// Percent-decoded.
    public var user: String?
    /// Percent-decoded.
    public var password: String?
    /// Name or address; an IPv6 address is without brackets.
    public var host: String
    /// nil when the URL names none.
    public var port: UInt16?
    /// Percent-decoded, without the slash that separates it from the host: the name of an engine path. A slash at
    /// the end is kept.
    public var path: String
    /// As it stands in the URL, without the question mark; not decoded.
    public var query: String?

    public init(
        scheme: Scheme = .rtsp,
        user: String? = nil,
        password: String? = nil,
        host: String,
        port: UInt16? = nil,
        path: String = "",
        query: String? = nil
    ) {
        self.scheme = scheme
        self.user = user
        self.password = password
        self.host = host
        self.port = port
        self.path = path
        self.query = query
    }

    /// The port to connect to.
    public var effectivePort: UInt16 { port ?? scheme.defaultPort }
}
