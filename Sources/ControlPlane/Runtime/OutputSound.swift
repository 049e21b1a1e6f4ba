import StreamModel

/// What viewers of an output hear, and a sentence that says so or why they hear nothing.
public struct OutputSound: Hashable, Sendable {
    /// nil when they hear nothing.
    public private(set) var status: SoundStatus?
    /// nil while nothing runs, or it is not known yet.
    public private(set) var message: CodedMessage?

    /// Nothing runs.
    init() {}

    /// - Parameters:
    ///   - published: on the output's engine path, in the order of its description.
    ///   - cameras: whose pictures it may show.
    init(of output: ResolvedOutput, _ published: [SoundStatus], from cameras: [CameraStatus]) {
        guard output.audio != .off else {
            message = CodedMessage("sound_off", "Sound is off for this output.")
            return
        }
        guard let first = published.first else {
            message = Self.absence(from: cameras)
            return
        }
        guard let heard = published.first(where: { output.protocol.carries($0.audio) }) else {
            let name = output.protocol == .webrtc ? "WebRTC" : "HLS"
            let described = first.audio.described(bitrateKbps: first.bitrateKbps)
            message = CodedMessage(
                "sound_not_carried", "\(name) does not carry this sound: \(described.text).",
                ["protocol": .string(name), "sound": described.json])
            return
        }
        status = heard
        message = heard.sentence
    }

    private static func absence(from cameras: [CameraStatus]) -> CodedMessage? {
        let known = cameras.filter { $0.sound != nil }
        if let audio = known.lazy.compactMap(\.audio).first {
            let described = audio.described()
            return CodedMessage(
                "sound_of_other_kind", "The camera's sound is of a kind that can't be passed on: \(described.text).",
                ["sound": described.json])
        }
        return known.isEmpty ? nil : CodedMessage("sound_none", "This camera sends no sound.")
    }

    var members: [String: JSONValue] {
        var audio = status?.audio.json.objectValue
        audio?["bitrate_kbps"] = JSONValue(status?.bitrateKbps)
        return CodedMessage.members("sound", message).merging(["audio": audio.map { .object($0) } ?? .null]) { $1 }
    }
}

extension SoundStatus {
    fileprivate var sentence: CodedMessage {
        let described = audio.described(bitrateKbps: bitrateKbps)
        let parameters = ["sound": described.json]
        return switch origin {
        case .copied: CodedMessage("sound_copied", "As the camera sends it: \(described.text).", parameters)
        case .encoded: CodedMessage("sound_encoded", "Encoded: \(described.text).", parameters)
        case .silent: CodedMessage("sound_silent", "Silence, as the output asks for: \(described.text).", parameters)
        }
    }
}

extension OutputProtocol {
    /// Whether viewers are sent the sound.
    fileprivate func carries(_ audio: AudioSummary) -> Bool { self == .rtsp || audio.audioCodec.map(carries) ?? false }
}
