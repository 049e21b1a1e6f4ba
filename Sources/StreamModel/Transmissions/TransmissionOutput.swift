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
    public var picture: PictureSettings
    public var audio: AudioSettings
    /// Whether its viewers see the JSON that travels with the pictures.
    public var metadata: Bool
    public var authentication: OutputAuthentication?
    /// Everything else that was sent, among it the optional `path`, `resize_mode`, `width`, `height` and `fps`.
    public var unknownFields: [String: JSONValue]

    public init(reading reader: ObjectReader) {
        id = reader.optionalID() ?? UUID().uuidString.lowercased()
        `protocol` = reader.requiredChoice("protocol", fallback: .hls)
        enabled = reader.bool("enabled", default: true)
        picture = PictureSettings(reading: reader, for: `protocol`)
        audio = AudioSettings(reading: reader, for: `protocol`)
        metadata = reader.bool("metadata", default: false)
        authentication = reader.optionalObject("authentication").map(OutputAuthentication.init(reading:))
        unknownFields = reader.unknownMembers
    }

    public func json(_ form: SecretForm) -> JSONValue {
        var members = unknownFields
        members["id"] = .string(id)
        members["protocol"] = .string(`protocol`.rawValue)
        members["enabled"] = .bool(enabled)
        members.merge(picture.json) { $1 }
        members.merge(audio.json) { $1 }
        members["metadata"] = .bool(metadata)
        members["authentication"] = authentication?.json(form) ?? .null
        return .object(members)
    }

    /// The slug that overrides the engine path, when the user gave one.
    public var directPath: String? { unknownFields["path"]?.stringValue.flatMap { Slug.make($0) } }
}
