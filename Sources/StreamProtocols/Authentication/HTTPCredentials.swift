import StreamModel

/// What an `Authorization` header says, in RTSP (RFC 2326 §12.5) and in HTTP. No secret shows in its description.
public enum HTTPCredentials: Sendable, Equatable {
    case basic(BasicCredentials)
    case digest(DigestResponse)
    /// RFC 6750
    case bearer(BearerToken)

    /// Longest header value that is looked at, in bytes.
    public static let byteCountLimit = 8192

    /// Reads the value of an `Authorization` header; the scheme's name has no case (RFC 7235 §2.1).
    public init(parsing header: String) throws(RTSPHeaderError) {
        // The value may hold a password: the error names only the scheme.
        let text = header.trimmingASCIIWhitespace()
        let (scheme, parameters) = text.splitOnce(at: " ") ?? (text[...], "")
        let failure = RTSPHeaderError(header: "Authorization", value: "\(scheme.prefix(16)) …")
        guard header.utf8.count <= Self.byteCountLimit else { throw failure }
        let rest = parameters.trimmingASCIIWhitespace()
        let credentials: HTTPCredentials? =
            switch scheme.lowercased() {
            case "basic": BasicCredentials(base64: rest).map { .basic($0) }
            case "digest": DigestResponse(parameters: rest).map { .digest($0) }
            case "bearer": rest.isEmpty ? nil : .bearer(BearerToken(value: rest))
            default: nil
            }
        guard let credentials else { throw failure }
        self = credentials
    }
}

extension HTTPCredentials: CustomStringConvertible {
    /// The scheme and the user.
    public var description: String {
        switch self {
        case .basic(let credentials): credentials.description
        case .digest(let response): response.description
        case .bearer(let token): token.description
        }
    }
}

/// A bearer token (RFC 6750). Its description does not show it.
public struct BearerToken: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    public var value: String

    public init(value: String) {
        self.value = value
    }

    public var description: String { "Bearer \(Secret.mask)" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: ["value": Secret.mask]) }
}
