/// What a caller of SRT says that it wants: in the form of the SRT Access Control Guidelines
/// (`#!::r=input/phone,m=publish,u=phone,s=KEY`), or in MediaMTX's (`publish:input/phone:phone:KEY`).
public struct SRTStreamID: Sendable, Equatable {
    public enum Mode: String, Sendable {
        /// To receive; what a caller wants that does not say.
        case request
        case publish
        case bidirectional
    }

    /// Bytes at most (SRTO_STREAMID).
    public static let byteLimit = 512

    public var mode: Mode
    /// The path of the engine.
    public var path: String
    /// Nil when nothing is shown.
    public var credentials: BasicCredentials?

    /// Reads the stream identifier of a caller.
    public init(_ text: String) throws(SRTStreamIDError) {
        guard !text.isEmpty else { throw .missing }
        guard text.utf8.count <= Self.byteLimit else { throw .malformed }
        if text.hasPrefix("#!") {
            try self.init(guidelines: text)
        } else {
            try self.init(mediaMTX: text)
        }
    }

    /// "SRT Access Control (Stream ID) Guidelines": pairs behind `#!::`. Keys that say nothing here are left out, as the host's name
    /// and those of others' own.
    private init(guidelines text: String) throws(SRTStreamIDError) {
        let prefix = "#!::"
        guard text.hasPrefix(prefix) else { throw .malformed }
        var values: [Substring: Substring] = [:]
        for item in text.dropFirst(prefix.count).split(at: ",") {
            guard let (key, value) = item.splitOnce(at: "=") else { throw .malformed }
            values[key] = value
        }
        if let type = values["t"], type != "stream" { throw .notAStream(printable(type.utf8)) }
        guard let mode = Mode(rawValue: String(values["m"] ?? "request")) else { throw .malformed }
        guard let path = values["r"], !path.isEmpty else { throw .malformed }
        self.mode = mode
        self.path = String(path)
        credentials = values["u"].map { BasicCredentials(user: String($0), password: String(values["s"] ?? "")) }
    }

    /// `action:path`, and behind it a query, or user and password and then a query (MediaMTX, `internal/servers/srt/streamid.go`).
    private init(mediaMTX text: String) throws(SRTStreamIDError) {
        let parts = text.split(at: ":", omittingEmpty: false)
        guard (2...5).contains(parts.count), !parts[1].isEmpty else { throw .malformed }
        switch parts[0] {
        case "publish": mode = .publish
        case "read": mode = .request
        default: throw .malformed
        }
        path = String(parts[1])
        credentials = parts.count > 3 ? BasicCredentials(user: String(parts[2]), password: String(parts[3])) : nil
    }
}

/// Why a caller's stream identifier can't be followed.
public enum SRTStreamIDError: Error, Equatable, Sendable, CustomStringConvertible {
    case missing
    case malformed
    /// It is for a file, or something else that is no stream.
    case notAStream(String)

    public var description: String {
        switch self {
        case .missing: "it has no stream identifier; write it as publish:input/NAME:NAME:KEY"
        case .malformed:
            "its stream identifier can't be read; write it as publish:input/NAME:NAME:KEY, or as #!::m=publish,r=input/NAME,u=NAME,s=KEY"
        case .notAStream(let type): "it offers something of the type '\(type)', and only streams are taken"
        }
    }
}
