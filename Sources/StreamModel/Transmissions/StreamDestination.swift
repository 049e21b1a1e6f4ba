import Foundation

/// How a destination is reached.
public enum DestinationKind: String, CaseIterable, Codable, Sendable {
    case rtmp, rtmps, srt, rtsp

    /// RTMP, with TLS or without, is what services for the public take; they want sound, and name a stream by a key.
    public var isRTMP: Bool { self == .rtmp || self == .rtmps }

    /// As people know it.
    public var displayName: String { rawValue.uppercased() }
}

/// Who of both calls the other.
public enum SRTMode: String, CaseIterable, Codable, Sendable {
    case caller, listener
}

/// What is heard at a destination.
public enum DestinationAudio: String, CaseIterable, Codable, Sendable {
    /// The camera's sound, as AAC.
    case auto
    case off
}

/// Where a transmission is sent, beside its outputs: a service for the public, or another server. Unknown fields are kept and given
/// back.
public struct StreamDestination: JSONModel, Confidential, Identifiable, CustomStringConvertible,
    CustomDebugStringConvertible
{
    public var id: String
    public var name: String
    public var kind: DestinationKind
    /// Whether it is sent there, all the time; nothing leaves this machine before somebody says so.
    public var active: Bool
    /// Without the key. It may hold a user and a password, which answers don't show.
    public var address: String
    /// Nil while reading an update means "keep the stored one"; the same with the other secrets.
    public var key: Secret?
    public var srtMode: SRTMode
    public var srtLatencyMilliseconds: Int
    public var srtPassphrase: Secret?
    /// Many servers take a user and a password in it.
    public var srtStreamID: Secret?
    public var picture: PictureSettings
    public var audio: DestinationAudio
    /// Whether there is a track of silence where there would be no sound.
    public var silentAudio: Bool
    /// Nil for the usual one.
    public var audioBitrateKbps: Int?
    public var unknownFields: [String: JSONValue]

    public static let latencyRangeMilliseconds = 20...8000
    public static let defaultLatencyMilliseconds = 200
    public static let audioBitrateRangeKbps = 32...256
    /// Of libsrt (`SRTO_STREAMID`).
    static let streamIDLimit = 512
    static let keyLimit = 512

    public init(reading reader: ObjectReader) {
        id = reader.optionalID() ?? UUID().uuidString.lowercased()
        name = reader.string("name", default: "").trimmed
        kind = reader.requiredChoice("kind", fallback: .rtmp)
        active = reader.bool("active", default: false)
        address = reader.requiredString("address").trimmed
        key = reader.optionalSecret("key").map { Secret($0.exposed.trimmed) }
        reader.ignoreBool("key_set")
        srtMode = reader.choice("srt_mode", default: .caller)
        srtLatencyMilliseconds = reader.integer(
            "srt_latency_ms", in: Self.latencyRangeMilliseconds, default: Self.defaultLatencyMilliseconds)
        srtPassphrase = reader.optionalSecret("srt_passphrase")
        reader.ignoreBool("srt_passphrase_set")
        srtStreamID = reader.optionalSecret("srt_stream_id").map { Secret($0.exposed.trimmed) }
        reader.ignoreBool("srt_stream_id_set")
        picture = PictureSettings(reading: reader, for: kind)
        audio = reader.choice("audio", default: .auto)
        silentAudio = reader.bool("silent_audio", default: kind.isRTMP)
        audioBitrateKbps = reader.optionalInteger("audio_bitrate_kbps", in: Self.audioBitrateRangeKbps)
        unknownFields = reader.unknownMembers
        reader.checkName(name)
        // One that is left out may be stored.
        if reader.has("address"), let problem = DestinationAddress.problem(of: self, hasKey: key?.isEmpty != true) {
            reader.report(problem, at: "address")
        }
        checkSecrets(reader)
    }

    private func checkSecrets(_ reader: ObjectReader) {
        if let key, !key.isEmpty {
            if !kind.isRTMP {
                reader.report(
                    CodedMessage(
                        "destination_key_unused", "\(kind.displayName) has no key; leave it out.",
                        ["kind": .string(kind.displayName)]), at: "key")
            } else if key.exposed.utf8.count > Self.keyLimit || key.exposed.hasSpaces {
                reader.report(
                    CodedMessage(
                        "destination_key",
                        "A key has at most \(Self.keyLimit) characters and no spaces. Copy it once more.",
                        ["maximum": .integer(Self.keyLimit)]), at: "key")
            }
        }
        if let problem = SRTPassphrase.problem(with: srtPassphrase) { reader.report(problem, at: "srt_passphrase") }
        if let srtStreamID, srtStreamID.exposed.utf8.count > Self.streamIDLimit || srtStreamID.exposed.hasSpaces {
            reader.report(
                CodedMessage(
                    "destination_stream_id",
                    "A stream id of SRT has at most \(Self.streamIDLimit) characters and no spaces.",
                    ["maximum": .integer(Self.streamIDLimit)]), at: "srt_stream_id")
        }
    }

    public func json(_ form: SecretForm) -> JSONValue {
        var members = unknownFields
        members["id"] = .string(id)
        members["name"] = .string(name)
        members["kind"] = .string(kind.rawValue)
        members["active"] = .bool(active)
        members["address"] = form.address(address)
        members.merge(form.secret("key", key)) { $1 }
        members["srt_mode"] = .string(srtMode.rawValue)
        members["srt_latency_ms"] = .integer(srtLatencyMilliseconds)
        members.merge(form.secret("srt_passphrase", srtPassphrase)) { $1 }
        members.merge(form.secret("srt_stream_id", srtStreamID)) { $1 }
        members.merge(picture.json) { $1 }
        members["audio"] = .string(audio.rawValue)
        members["silent_audio"] = .bool(silentAudio)
        members["audio_bitrate_kbps"] = JSONValue(audioBitrateKbps)
        return .object(members)
    }

    /// Printed without secrets: its address may hold one.
    public var description: String { "\(id) (\(publicAddress))" }
    public var debugDescription: String { description }

    /// The address with a mask in place of passwords.
    public var publicAddress: String { address.redactingCredentials }

    /// The destination with the secrets that an update left out taken from what is stored.
    ///
    /// Stored secrets are kept only for the same host, as those of cameras.
    /// - Throws: ``ValidationError`` when a mask is left in the address, or a key that is stored nowhere.
    func keepingSecrets(of stored: StreamDestination?, at location: [LocationComponent]) throws(ValidationError) -> Self
    {
        var result = self
        let kept =
            stored.flatMap {
                DestinationAddress.authority($0.address) == DestinationAddress.authority(address) ? $0 : nil
            }
        if let kept { result.address = address.restoringSecrets(of: kept.address) }
        result.key = kind.isRTMP ? key.keeping(kept?.key) : nil
        result.srtPassphrase = kind == .srt ? srtPassphrase.keeping(kept?.srtPassphrase) : nil
        result.srtStreamID = kind == .srt ? srtStreamID.keeping(kept?.srtStreamID) : nil
        if result.address.contains(Secret.mask) {
            throw ValidationError(
                CodedMessage(
                    "destination_address_masked",
                    "Write the password in place of \(Secret.mask): it is kept only for the same host.",
                    ["mask": .string(Secret.mask)]),
                at: location + ["address"], input: .string(result.publicAddress))
        }
        if let problem = DestinationAddress.problem(of: result, hasKey: result.key != nil) {
            throw ValidationError(problem, at: location + ["address"])
        }
        return result
    }

    /// The same under any name and with any picture: who is told another name goes on undisturbed, and so does who is sent another
    /// rate of the same encoding.
    public var withoutNameAndPicture: StreamDestination {
        var result = self
        result.name = ""
        result.picture = .automatic
        return result
    }
}

extension String {
    fileprivate var hasSpaces: Bool {
        unicodeScalars.contains { $0.properties.isWhitespace || $0.properties.generalCategory == .control }
    }
}
