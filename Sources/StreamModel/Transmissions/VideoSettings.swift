/// How a picture of another shape is fitted into the output.
public enum PictureFit: String, CaseIterable, Codable, Sendable {
    /// Keeps the aspect, with black bars.
    case contain
    /// Keeps the aspect, and cuts off what is too wide or too high.
    case cover
    /// Fills the output, whatever becomes of the aspect.
    case stretch
}

/// An H.264 profile (H.264 Annex A); its parts that progressive pictures without B-frames use.
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
    public var profile: VideoProfile?
    /// Nil leaves it to the ``LatencyProfile``.
    public var quality: VideoQuality?
    /// In pictures; nil for one each second, whatever the rate is.
    public var keyframeInterval: Int?
    /// In how many pictures a refresh wanders across the picture, instead of keyframes.
    public var intraRefreshPeriod: Int?
    /// Parts of each picture that can be decoded at the same time.
    public var slices: Int?
    public var bitrateMode: BitrateMode
    /// Of ``BitrateMode/vbr``, in kb/s; nil for a tenth above the bitrate.
    public var maximumBitrateKbps: Int?
    public var fit: PictureFit

    enum CodingKeys: String, CodingKey {
        case profile, quality, slices, fit
        case keyframeInterval = "keyframe_interval"
        case intraRefreshPeriod = "intra_refresh_period"
        case bitrateMode = "bitrate_mode"
        case maximumBitrateKbps = "max_bitrate_kbps"
    }

    public static let keyframeIntervalRange = 1...3600
    public static let intraRefreshRange = 2...600
    public static let slicesRange = 1...16

    /// All left to the server.
    public static let automatic = VideoSettings()

    public init(
        profile: VideoProfile? = nil, quality: VideoQuality? = nil, keyframeInterval: Int? = nil,
        intraRefreshPeriod: Int? = nil, slices: Int? = nil, bitrateMode: BitrateMode = .vbr,
        maximumBitrateKbps: Int? = nil, fit: PictureFit = .contain
    ) {
        self.profile = profile
        self.quality = quality
        self.keyframeInterval = keyframeInterval
        self.intraRefreshPeriod = intraRefreshPeriod
        self.slices = slices
        self.bitrateMode = bitrateMode
        self.maximumBitrateKbps = maximumBitrateKbps
        self.fit = fit
    }

    /// - Parameters:
    ///   - keyframeNeed: why who gets the picture can't do without keyframes; nil for who can.
    ///   - encoder: who encodes, and at which bitrate.
    init(
        reading reader: ObjectReader, keyframeNeed: CodedMessage?, encoder: EncoderChoice, bitrateKbps: Int?
    ) {
        profile = reader.optionalChoice("profile")
        quality = reader.optionalChoice("quality")
        keyframeInterval = reader.optionalInteger("keyframe_interval", in: Self.keyframeIntervalRange)
        intraRefreshPeriod = reader.optionalInteger("intra_refresh_period", in: Self.intraRefreshRange)
        slices = reader.optionalInteger("slices", in: Self.slicesRange)
        bitrateMode = reader.choice("bitrate_mode", default: .vbr)
        maximumBitrateKbps = reader.optionalInteger("max_bitrate_kbps", in: PictureSettings.bitrateRangeKbps)
        fit = reader.choice("fit", default: .contain)
        if let (problem, member) = problem(keyframeNeed: keyframeNeed, encoder: encoder, bitrateKbps: bitrateKbps) {
            reader.report(problem, at: member)
        }
    }

    var json: [String: JSONValue] {
        [
            "profile": JSONValue(profile?.rawValue), "quality": JSONValue(quality?.rawValue),
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

    /// What is wrong with the settings beside the picture's others, and of which field.
    private func problem(
        keyframeNeed: CodedMessage?, encoder: EncoderChoice, bitrateKbps: Int?
    ) -> (CodedMessage, member: String)? {
        if intraRefreshPeriod != nil, keyframeInterval != nil {
            return (
                CodedMessage(
                    "intra_refresh_or_keyframes",
                    "With intra-refresh there are no keyframes: leave one of keyframe_interval and intra_refresh_period out."
                ), "intra_refresh_period"
            )
        }
        if intraRefreshPeriod != nil, let keyframeNeed { return (keyframeNeed, "intra_refresh_period") }
        if intraRefreshPeriod != nil || slices != nil, encoder != .cpu {
            return (
                CodedMessage(
                    "encoder_setting_of_cpu",
                    "Not every encoder in hardware has slices and intra-refresh: choose the encoder cpu for them."),
                slices == nil ? "intra_refresh_period" : "slices"
            )
        }
        if bitrateMode == .cbr || maximumBitrateKbps != nil, bitrateKbps == nil {
            return (
                CodedMessage(
                    "bitrate_missing", "A constant or a maximum bitrate needs bitrate_kbps, the bitrate itself."),
                bitrateMode == .cbr ? "bitrate_mode" : "max_bitrate_kbps"
            )
        }
        if let maximumBitrateKbps, let bitrateKbps, bitrateMode == .cbr || maximumBitrateKbps < bitrateKbps {
            return (
                CodedMessage(
                    "bitrate_maximum",
                    "The maximum bitrate is of variable bitrate, and at least the bitrate itself, \(bitrateKbps) kb/s.",
                    ["bitrate": .integer(bitrateKbps)]), "max_bitrate_kbps"
            )
        }
        return nil
    }
}

extension OutputProtocol {
    /// Why its viewers can't do without keyframes; nil where they can. Players of HLS begin at one, and browsers show nothing by
    /// WebRTC before one.
    var keyframeNeed: CodedMessage? {
        switch self {
        case .rtsp: nil
        case .hls, .webrtc:
            CodedMessage(
                "intra_refresh_by_rtsp_alone",
                "Browsers can't join a stream without keyframes: intra-refresh is for outputs by RTSP.")
        }
    }
}

extension DestinationKind {
    /// The same of who is sent a stream. Services cut what comes by RTMP at its keyframes.
    var keyframeNeed: CodedMessage? {
        switch self {
        case .srt, .rtsp: nil
        case .rtmp, .rtmps:
            CodedMessage(
                "intra_refresh_not_by_rtmp",
                "Services that take RTMP need keyframes: intra-refresh is for destinations by SRT and RTSP.")
        }
    }
}
