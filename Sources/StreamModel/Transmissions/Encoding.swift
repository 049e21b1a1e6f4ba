/// Everything that makes two encodings of one picture differ; equal encodings are made once.
public struct Encoding: Hashable, Sendable, Codable {
    /// Even, 16…7680.
    public var width: Int
    /// Even, 16…4320.
    public var height: Int
    /// 1…60
    public var fps: Int
    /// Nil leaves the rate to the encoder.
    public var bitrateKbps: Int?
    public var latencyProfile: LatencyProfile
    public var resizeMode: ResizeMode
    public var encoder: EncoderChoice
    public var video: VideoSettings
    /// Whether the placeholder has text on it.
    public var placeholderText: Bool

    enum CodingKeys: String, CodingKey {
        case width, height, fps, encoder, video
        case bitrateKbps = "bitrate_kbps"
        case latencyProfile = "latency_profile"
        case resizeMode = "resize_mode"
        case placeholderText = "placeholder_text"
    }

    public static let defaultResolution = Resolution(width: 1280, height: 720)
    public static let defaultFPS = 12
    public static let fpsRange = 1...60
    public static let minimumDimension = 16

    public init(
        width: Int, height: Int, fps: Int, bitrateKbps: Int? = nil,
        latencyProfile: LatencyProfile = .normal, resizeMode: ResizeMode = .contain,
        encoder: EncoderChoice = .cpu, video: VideoSettings = .automatic,
        placeholderText: Bool = true
    ) {
        self.width = Self.evenDimension(width, in: Resolution.widthRange)
        self.height = Self.evenDimension(height, in: Resolution.heightRange)
        self.fps = min(max(fps, Self.fpsRange.lowerBound), Self.fpsRange.upperBound)
        self.bitrateKbps = bitrateKbps
        self.latencyProfile = latencyProfile
        self.resizeMode = resizeMode
        self.encoder = encoder
        self.video = video
        self.placeholderText = placeholderText
    }

    /// What is out of range is brought into it, as by every other way to an encoding: nothing divides by zero frames.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            width: try container.decode(Int.self, forKey: .width),
            height: try container.decode(Int.self, forKey: .height), fps: try container.decode(Int.self, forKey: .fps),
            bitrateKbps: try container.decodeIfPresent(Int.self, forKey: .bitrateKbps),
            latencyProfile: try container.decode(LatencyProfile.self, forKey: .latencyProfile),
            resizeMode: try container.decode(ResizeMode.self, forKey: .resizeMode),
            encoder: try container.decode(EncoderChoice.self, forKey: .encoder),
            video: try container.decode(VideoSettings.self, forKey: .video),
            placeholderText: try container.decode(Bool.self, forKey: .placeholderText))
    }

    /// The encoding that an output asks for. What it leaves open may stand in the reference's older fields.
    public init(of output: TransmissionOutput) {
        let older = output.unknownFields
        self.init(
            of: output.picture, width: older["width"]?.integerValue, height: older["height"]?.integerValue,
            fps: older["fps"]?.integerValue,
            resizeMode: older["resize_mode"]?.stringValue.flatMap(ResizeMode.init(rawValue:)) ?? .contain)
    }

    /// The encoding that a destination asks for: H.264, whatever a camera sends, unless it says otherwise.
    public init(of destination: StreamDestination) {
        self.init(of: destination.picture)
        video.codec = video.codec ?? .h264
    }

    /// With the defaults of the reference (1280×720, 12 fps) for what is left open.
    private init(
        of picture: PictureSettings, width: Int? = nil, height: Int? = nil, fps: Int? = nil,
        resizeMode: ResizeMode = .contain
    ) {
        self.init(
            width: picture.resolution?.width ?? width ?? Self.defaultResolution.width,
            height: picture.resolution?.height ?? height ?? Self.defaultResolution.height,
            fps: picture.fpsLimit ?? fps ?? Self.defaultFPS, bitrateKbps: picture.bitrateKbps,
            latencyProfile: picture.latencyProfile, resizeMode: resizeMode, encoder: picture.encoder,
            video: picture.video, placeholderText: picture.placeholderText)
    }

    /// The same whatever its rates are: one that runs takes on others, and disturbs nobody who watches it.
    public var withoutRates: Encoding {
        var result = self
        (result.fps, result.bitrateKbps) = (Self.defaultFPS, nil)
        (result.video.bitrateMode, result.video.maximumBitrateKbps) = (.vbr, nil)
        return result
    }

    /// What a transmission without any enabled output is encoded as (contract A.1: output id `default`).
    public static let standard = Encoding(
        width: defaultResolution.width, height: defaultResolution.height, fps: defaultFPS)

    /// H.264 with 4:2:0 chroma has no odd sizes: they are rounded down to even.
    private static func evenDimension(_ value: Int, in range: ClosedRange<Int>) -> Int {
        min(max(value, minimumDimension), range.upperBound) & ~1
    }
}

extension TransmissionOutput {
    /// Whether it says itself how large the picture is: the default is no demand on a camera that is copied.
    public var namesSize: Bool {
        picture.resolution != nil || unknownFields["width"] != nil || unknownFields["height"] != nil
    }

    /// The same of its rate.
    public var namesFPS: Bool { picture.fpsLimit != nil || unknownFields["fps"] != nil }
}

extension StreamDestination {
    /// As of an output.
    public var namesSize: Bool { picture.resolution != nil }
    public var namesFPS: Bool { picture.fpsLimit != nil }
}
