import Foundation

/// How viewers reach an output.
public enum OutputProtocol: String, CaseIterable, Codable, Sendable {
    case hls, rtsp, webrtc
}

/// What is traded for delay when encoding.
public enum LatencyProfile: String, CaseIterable, Codable, Sendable {
    case normal, low
    case ultraLow = "ultra_low"
}

/// Who encodes an output.
public enum EncoderChoice: String, CaseIterable, Codable, Sendable {
    /// The first hardware encoder that works here, else the CPU.
    case auto
    case cpu, vaapi, qsv, nvenc, v4l2m2m, videotoolbox
}

/// How a picture of another shape is fitted into the output.
public enum ResizeMode: String, CaseIterable, Codable, Sendable {
    /// Keeps the aspect, with black bars.
    case contain
    /// Passes a picture of the output's size through; any other is fitted as with `contain`.
    case none
}

/// A size in pixels as the user asked for it.
public struct Resolution: Hashable, Sendable {
    /// 1…7680
    public var width: Int
    /// 1…4320
    public var height: Int

    public static let widthRange = 1...7680
    public static let heightRange = 1...4320

    public init(width: Int, height: Int) {
        self.width = width
        self.height = height
    }

    init(reading reader: ObjectReader) {
        width = reader.requiredInteger("width", in: Self.widthRange)
        height = reader.requiredInteger("height", in: Self.heightRange)
        reader.forbidUnknownMembers()
    }

    var json: JSONValue { ["width": .integer(width), "height": .integer(height)] }
}

/// The user name and password that viewers of an output need.
public struct OutputAuthentication: Hashable, Sendable, Confidential {
    public var enabled: Bool
    public var username: String?
    /// Nil while reading an update means "keep the stored one".
    public var password: Secret?

    public init(enabled: Bool, username: String?, password: Secret?) {
        self.enabled = enabled
        self.username = username
        self.password = password
    }

    init(reading reader: ObjectReader) {
        enabled = reader.bool("enabled", default: false)
        username = reader.optionalString("username").flatMap { $0.trimmed.isEmpty ? nil : $0.trimmed }
        password = reader.optionalSecret("password").map { Secret($0.exposed.trimmed) }
        reader.ignoreBool("password_set")
        reader.forbidUnknownMembers()
    }

    /// Whether viewers are really asked: it is switched on, and both parts are there.
    public var isInForce: Bool { enabled && username?.isEmpty == false && password?.isEmpty == false }

    mutating func keepPassword(of stored: OutputAuthentication?) {
        password = password.keeping(stored?.password)
    }

    public func json(_ form: SecretForm) -> JSONValue {
        .object(form.password(password).merging(["enabled": .bool(enabled), "username": JSONValue(username)]) { $1 })
    }
}

/// One way in which a transmission is encoded and served (contract A.1). Unknown fields are kept and given back.
public struct TransmissionOutput: JSONModel, Confidential, Identifiable {
    public var id: String
    public var `protocol`: OutputProtocol
    public var enabled: Bool
    public var resolution: Resolution?
    /// 1…120; the encoding itself never exceeds 60.
    public var fpsLimit: Int?
    /// 64…250000
    public var bitrateKbps: Int?
    public var latencyProfile: LatencyProfile
    /// Falls back to the CPU where it is not usable.
    public var encoder: EncoderChoice
    /// Whether the placeholder shows the transmission's name and since when there is no picture.
    public var placeholderText: Bool
    public var video: VideoSettings
    public var audio: AudioSettings
    public var authentication: OutputAuthentication?
    /// Everything else that was sent, among it the optional `path`, `resize_mode`, `width`, `height` and `fps`.
    public var unknownFields: [String: JSONValue]

    public static let fpsRange = 1...120
    public static let bitrateRangeKbps = 64...250_000

    public init(reading reader: ObjectReader) {
        id = reader.optionalID() ?? UUID().uuidString.lowercased()
        `protocol` = reader.requiredChoice("protocol", fallback: .hls)
        enabled = reader.bool("enabled", default: true)
        resolution = reader.optionalObject("resolution").map(Resolution.init(reading:))
        fpsLimit = reader.optionalInteger("fps_limit", in: Self.fpsRange)
        bitrateKbps = reader.optionalInteger("bitrate_kbps", in: Self.bitrateRangeKbps)
        latencyProfile = reader.choice("latency_profile", default: .normal)
        encoder = reader.choice("encoder", default: .cpu)
        placeholderText = reader.bool("placeholder_text", default: true)
        video = VideoSettings(reading: reader)
        audio = AudioSettings(reading: reader, for: `protocol`)
        authentication = reader.optionalObject("authentication").map(OutputAuthentication.init(reading:))
        unknownFields = reader.unknownMembers
        let problem = video.problem(protocol: `protocol`, encoder: encoder, bitrateKbps: bitrateKbps)
        if let (problem, member) = problem { reader.report(problem, at: member) }
    }

    public func json(_ form: SecretForm) -> JSONValue {
        var members = unknownFields
        members["id"] = .string(id)
        members["protocol"] = .string(`protocol`.rawValue)
        members["enabled"] = .bool(enabled)
        members["resolution"] = resolution?.json ?? .null
        members["fps_limit"] = JSONValue(fpsLimit)
        members["bitrate_kbps"] = JSONValue(bitrateKbps)
        members["latency_profile"] = .string(latencyProfile.rawValue)
        members["encoder"] = .string(encoder.rawValue)
        members["placeholder_text"] = .bool(placeholderText)
        members.merge(video.json) { $1 }
        members.merge(audio.json) { $1 }
        members["authentication"] = authentication?.json(form) ?? .null
        return .object(members)
    }

    /// The slug that overrides the engine path, when the user gave one.
    public var directPath: String? { unknownFields["path"]?.stringValue.flatMap { Slug.make($0) } }
}
