internal import StreamModel

/// The address of a source that a user gave us. Its description has no user, password or token.
public struct MediaURL: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// What kind of source an address leads to.
    enum Source: Hashable {
        case rtsp(isEncrypted: Bool)
        case http(isEncrypted: Bool)
        case file(path: String)
        case camera(device: String)
        case microphone(device: String)
        case homeAssistant(entity: String)
    }

    let source: Source
    /// As given, without surrounding white space.
    private let text: String

    /// Accepts `rtsp:`, `rtsps:`, `http:`, `https:`, `file:///path`, `v4l2:///dev/videoN`, `/dev/videoN`,
    /// `homeassistant:camera.name` and, for sound, `alsa:device`.
    ///
    /// Everything else that libav would open (`concat:`, `subfile:`, `pipe:`, …) is refused: it could read any local file.
    public init(_ text: String) throws(MediaError) {
        let trimmed = String(text.drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
        guard !trimmed.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7f }) else {
            throw MediaURL.refusal(of: trimmed, "the address holds control characters; type it again")
        }
        self.text = trimmed
        if trimmed.hasPrefix("/dev/video") {
            source = .camera(device: try MediaURL.device(trimmed, in: trimmed))
            return
        }
        guard let separator = trimmed.firstRange(of: ":") else {
            throw MediaURL.refusal(of: trimmed, "the address has no scheme; start it with rtsp://, http:// or file://")
        }
        let scheme = trimmed[..<separator.lowerBound].lowercased()
        let rest = String(trimmed[separator.upperBound...])
        switch scheme {
        case "rtsp", "rtsps", "http", "https":
            let isEncrypted = scheme.hasSuffix("s")
            guard rest.hasPrefix("//"), let first = rest.dropFirst(2).first, !"/?#".contains(first) else {
                throw MediaURL.refusal(of: trimmed, "the address has no host; write \(scheme)://host/path")
            }
            source = scheme.hasPrefix("rtsp") ? .rtsp(isEncrypted: isEncrypted) : .http(isEncrypted: isEncrypted)
        case "file":
            let path = rest.hasPrefix("//localhost/") ? String(rest.dropFirst(11)) : String(rest.dropFirst(2))
            guard rest.hasPrefix("//"), path.hasPrefix("/") else {
                throw MediaURL.refusal(of: trimmed, "a file is written file:///folder/name.mp4")
            }
            source = .file(path: MediaURL.percentDecoded(path))
        case "v4l2":
            source = .camera(
                device: try MediaURL.device(String(rest.dropFirst(rest.hasPrefix("//") ? 2 : 0)), in: trimmed))
        case HomeAssistantAddress.scheme:
            guard let entity = HomeAssistantAddress.entity(in: trimmed) else {
                throw MediaURL.refusal(
                    of: trimmed, "a camera of Home Assistant is written homeassistant:camera.front_door")
            }
            source = .homeAssistant(entity: entity)
        case MicrophoneAddress.scheme:
            guard let device = MicrophoneAddress.device(in: trimmed) else {
                throw MediaURL.refusal(of: trimmed, "a microphone is written alsa:default or alsa:plughw:1,0")
            }
            source = .microphone(device: device)
        default:
            throw MediaURL.refusal(
                of: trimmed, "\"\(scheme)\" is not supported; use rtsp, rtsps, http, https, file or v4l2")
        }
    }

    /// Lower-case, without the colon.
    public var scheme: String {
        switch source {
        case .rtsp(let isEncrypted): isEncrypted ? "rtsps" : "rtsp"
        case .http(let isEncrypted): isEncrypted ? "https" : "http"
        case .file: "file"
        case .camera: "v4l2"
        case .microphone: MicrophoneAddress.scheme
        case .homeAssistant: HomeAssistantAddress.scheme
        }
    }

    /// The file of a `file:` address.
    public var filePath: String? {
        if case .file(let path) = source { path } else { nil }
    }

    /// Whether the source cannot be read faster than real time. Unknown before opening for HTTP, which counts as live.
    public var isLive: Bool {
        if case .file = source { false } else { true }
    }

    public var description: String { text.redactingCredentials }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: ["url": description]) }

    /// The parts of a network source: what stands before the last `@`, host and port, and what follows.
    private var parts: (userinfo: Substring?, address: Substring, rest: Substring)? {
        switch source {
        case .file, .camera, .microphone, .homeAssistant: return nil
        case .rtsp, .http: break
        }
        guard let start = text.firstRange(of: "://") else { return nil }
        let rest = text[start.upperBound...]
        let end = rest.firstIndex { "/?#".contains($0) } ?? rest.endIndex
        let authority = rest[..<end]
        guard let at = authority.lastIndex(of: "@") else { return (nil, authority, rest[end...]) }
        return (authority[..<at], authority[authority.index(after: at)...], rest[end...])
    }

    /// The host of a network source, without brackets and port.
    var host: String? {
        guard let address = parts?.address else { return nil }
        if address.hasPrefix("[") { return String(address.dropFirst().prefix { $0 != "]" }) }
        return String(address.prefix { $0 != ":" })
    }

    /// The port of a network source; nil when there is none, or no number.
    var port: UInt16? {
        guard let address = parts?.address, let colon = address.lastIndex(of: ":"), !address[colon...].contains("]")
        else { return nil }
        return UInt16(address[address.index(after: colon)...])
    }

    /// The address of a network source as requests name it, without user and password; nil for other sources.
    public var requestURL: String? { parts.map { scheme + "://" + $0.address + $0.rest } }

    /// The account inside the address.
    public var credentials: DemuxerOptions.Credentials? {
        guard let userinfo = parts?.userinfo else { return nil }
        let colon = userinfo.firstIndex(of: ":") ?? userinfo.endIndex
        return DemuxerOptions.Credentials(
            username: MediaURL.percentDecoded(String(userinfo[..<colon])),
            password: MediaURL.percentDecoded(String(userinfo[colon...].dropFirst())))
    }

    /// What libav is told to open, with the account filled in.
    func openable(credentials: DemuxerOptions.Credentials?) -> String {
        switch source {
        case .file(let path):
            // The prefix keeps a file name such as "concat:x" from being taken for a protocol.
            return "file:" + path
        case .camera(let device), .microphone(let device):
            return device
        case .homeAssistant(let entity):
            return entity
        case .rtsp, .http:
            guard let parts else { return text }
            var userinfo = parts.userinfo.map { MediaURL.escapedUserinfo($0, keeping: "%:") + "@" } ?? ""
            if let credentials {
                userinfo =
                    MediaURL.escapedUserinfo(credentials.username, keeping: "") + ":"
                    + MediaURL.escapedUserinfo(credentials.password, keeping: "") + "@"
            }
            return scheme + "://" + userinfo + parts.address + parts.rest
        }
    }

    /// RFC 3986 §3.2.1: anything outside the unreserved characters is percent-encoded; libav decodes it again.
    private static func escapedUserinfo(_ text: some StringProtocol, keeping extra: String) -> String {
        var result = ""
        for byte in text.utf8 {
            let scalar = Unicode.Scalar(byte)
            let isUnreserved =
                ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || ("0"..."9").contains(scalar)
                || "-._~".unicodeScalars.contains(scalar) || extra.unicodeScalars.contains(scalar)
            if isUnreserved {
                result.unicodeScalars.append(scalar)
            } else {
                result += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
        return result
    }

    private static func percentDecoded(_ text: String) -> String {
        var bytes: [UInt8] = []
        var rest = Substring(text).utf8
        while let byte = rest.popFirst() {
            let digits = rest.prefix(2)
            if byte == UInt8(ascii: "%"), digits.count == 2, let value = UInt8(String(Substring(digits)), radix: 16) {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Only real device nodes: `/dev/video` and a number.
    private static func device(_ path: String, in text: String) throws(MediaError) -> String {
        let number = path.dropFirst("/dev/video".count)
        guard path.hasPrefix("/dev/video"), !number.isEmpty, number.count <= 3,
            number.allSatisfy({ ("0"..."9").contains($0) })
        else { throw refusal(of: text, "a local camera is written /dev/video0") }
        return path
    }

    private static func refusal(of text: String, _ reason: String) -> MediaError {
        MediaError(kind: .unsupported, operation: "read address", subject: text.redactingCredentials, reason: reason)
    }
}
