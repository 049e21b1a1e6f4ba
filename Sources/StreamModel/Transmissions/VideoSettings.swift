/// How a picture of another shape is fitted into the output.
public enum PictureFit: String, CaseIterable, Codable, Sendable {
    /// Keeps the aspect, with black bars.
    case contain
    /// Keeps the aspect, and cuts off what is too wide or too high.
    case cover
    /// Fills the output, whatever becomes of the aspect.
    case stretch
}

/// What pictures are encoded as, and which camera's may be passed on.
public enum PictureCodec: String, CaseIterable, Codable, Sendable {
    case h264, h265

    /// As people know it.
    public var displayName: String {
        switch self {
        case .h264: "H.264"
        case .h265: "H.265"
        }
    }

    /// Whether players of HLS expect it in MPEG-TS; the others are in fragmented MP4.
    var isInMPEGTS: Bool { self == .h264 }
}

/// An H.264 profile (H.264 Annex A); its parts that progressive pictures use.
public enum VideoProfile: String, CaseIterable, Codable, Sendable {
    case baseline, main, high
}

/// How much work goes into a picture of a given bitrate, from the least to the most.
public enum VideoQuality: String, CaseIterable, Codable, Sendable {
    case fastest, fast, balanced, good, best
}

/// Whether the bitrate follows the picture.
public enum BitrateMode: String, CaseIterable, Codable, Sendable {
    /// As the picture needs, around the bitrate and below the maximum.
    case vbr
    /// Always the bitrate; what the picture does not need is filled up.
    case cbr
}

/// What an output or a destination asks of its encoder beyond size, rate, and bitrate: the parameters of TouchDesigner's Video Stream Out TOP.
/// What is nil is chosen by the server.
public struct VideoSettings: Hashable, Sendable, Codable {
    /// Nil is what the camera sends where every viewer plays that, else H.264.
    public var codec: PictureCodec?
    /// Of H.264.
    public var profile: VideoProfile?
    /// Nil leaves it to the ``LatencyProfile``.
    public var quality: VideoQuality?
    /// In pictures; nil for one each second, whatever the rate is.
    public var keyframeInterval: Int?
    /// In how many pictures a refresh wanders across the picture, instead of keyframes.
    public var intraRefreshPeriod: Int?
    /// Pictures at most, one after the other, that are predicted from a later one too; nil for none. Each delays what is seen.
    public var maximumBFrames: Int?
    /// Parts of each picture that can be decoded at the same time.
    public var slices: Int?
    public var bitrateMode: BitrateMode
    /// Of ``BitrateMode/vbr``, in kb/s; nil for a tenth above the bitrate.
    public var maximumBitrateKbps: Int?
    public var fit: PictureFit

    enum CodingKeys: String, CodingKey {
        case codec, profile, quality, slices, fit
        case keyframeInterval = "keyframe_interval"
        case intraRefreshPeriod = "intra_refresh_period"
        case maximumBFrames = "max_b_frames"
        case bitrateMode = "bitrate_mode"
        case maximumBitrateKbps = "max_bitrate_kbps"
    }

    public static let keyframeIntervalRange = 1...3600
    public static let intraRefreshRange = 2...600
    public static let bFramesRange = 0...4
    public static let slicesRange = 1...16

    /// All left to the server.
    public static let automatic = VideoSettings()

    public init(
        codec: PictureCodec? = nil, profile: VideoProfile? = nil, quality: VideoQuality? = nil,
        keyframeInterval: Int? = nil, intraRefreshPeriod: Int? = nil, maximumBFrames: Int? = nil, slices: Int? = nil,
        bitrateMode: BitrateMode = .vbr,
        maximumBitrateKbps: Int? = nil, fit: PictureFit = .contain
    ) {
        self.codec = codec
        self.profile = profile
        self.quality = quality
        self.keyframeInterval = keyframeInterval
        self.intraRefreshPeriod = intraRefreshPeriod
        self.maximumBFrames = maximumBFrames
        self.slices = slices
        self.bitrateMode = bitrateMode
        self.maximumBitrateKbps = maximumBitrateKbps
        self.fit = fit
    }

    /// - Parameters:
    ///   - receiver: who gets the picture.
    ///   - encoder: who encodes, and at which bitrate.
    init(
        reading reader: ObjectReader, for receiver: some PictureReceiver, encoder: EncoderChoice, bitrateKbps: Int?
    ) {
        codec = reader.optionalChoice("codec")
        profile = reader.optionalChoice("profile")
        quality = reader.optionalChoice("quality")
        keyframeInterval = reader.optionalInteger("keyframe_interval", in: Self.keyframeIntervalRange)
        intraRefreshPeriod = reader.optionalInteger("intra_refresh_period", in: Self.intraRefreshRange)
        maximumBFrames = reader.optionalInteger("max_b_frames", in: Self.bFramesRange)
        slices = reader.optionalInteger("slices", in: Self.slicesRange)
        bitrateMode = reader.choice("bitrate_mode", default: .vbr)
        maximumBitrateKbps = reader.optionalInteger("max_bitrate_kbps", in: PictureSettings.bitrateRangeKbps)
        fit = reader.choice("fit", default: .contain)
        if let (problem, member) = problem(for: receiver, encoder: encoder, bitrateKbps: bitrateKbps) {
            reader.report(problem, at: member)
        }
    }

    var json: [String: JSONValue] {
        [
            "codec": JSONValue(codec?.rawValue), "profile": JSONValue(profile?.rawValue),
            "quality": JSONValue(quality?.rawValue), "max_b_frames": JSONValue(maximumBFrames),
            "keyframe_interval": JSONValue(keyframeInterval), "intra_refresh_period": JSONValue(intraRefreshPeriod),
            "slices": JSONValue(slices), "bitrate_mode": .string(bitrateMode.rawValue),
            "max_bitrate_kbps": JSONValue(maximumBitrateKbps), "fit": .string(fit.rawValue),
        ]
    }

    /// Whether only our own encoder can send what is asked for, and not the camera.
    public var requiresEncoding: Bool {
        profile != nil || keyframeInterval != nil || intraRefreshPeriod != nil || slices != nil || bitrateMode == .cbr
            || maximumBitrateKbps != nil
    }
}
