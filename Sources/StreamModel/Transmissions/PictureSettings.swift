/// What an output or a destination asks of its picture. What is nil is left open, so that a camera's picture may be passed on.
public struct PictureSettings: Hashable, Sendable {
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

    public static let fpsRange = 1...120
    public static let bitrateRangeKbps = 64...250_000

    /// Nothing is asked for.
    static let automatic = PictureSettings()

    private init() {
        latencyProfile = .normal
        encoder = .cpu
        placeholderText = true
        video = .automatic
    }

    /// - Parameter receiver: who gets the picture.
    init(reading reader: ObjectReader, for receiver: some PictureReceiver) {
        resolution = reader.optionalObject("resolution").map(Resolution.init(reading:))
        fpsLimit = reader.optionalInteger("fps_limit", in: Self.fpsRange)
        bitrateKbps = reader.optionalInteger("bitrate_kbps", in: Self.bitrateRangeKbps)
        latencyProfile = reader.choice("latency_profile", default: .normal)
        encoder = reader.choice("encoder", default: .cpu)
        placeholderText = reader.bool("placeholder_text", default: true)
        video = VideoSettings(
            reading: reader, for: receiver, encoder: encoder, bitrateKbps: bitrateKbps)
    }

    var json: [String: JSONValue] {
        video.json.merging(
            [
                "resolution": resolution?.json ?? .null, "fps_limit": JSONValue(fpsLimit),
                "bitrate_kbps": JSONValue(bitrateKbps), "latency_profile": .string(latencyProfile.rawValue),
                "encoder": .string(encoder.rawValue), "placeholder_text": .bool(placeholderText),
            ]
        ) { $1 }
    }
}
