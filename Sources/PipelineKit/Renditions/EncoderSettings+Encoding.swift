import MediaKit
import StreamModel
import StreamProtocols

extension EncoderSettings {
    /// The encoder of an output: a keyframe each second (contract B.3), and the preset of its latency profile, unless the
    /// output says otherwise.
    ///
    /// - Parameter codec: what its path carries. One that nobody asked for only stands in for a copied camera's pictures for a while:
    ///   as fast as can be.
    init(_ encoding: Encoding, as codec: VideoCodec) {
        let isStandIn = codec != .h264 && encoding.video.codec.map { VideoCodec($0) } != codec
        let video = isStandIn ? encoding.video.ofStandIn : encoding.video
        self.init(
            codec: Encoder.Codec(codec), width: encoding.width, height: encoding.height, fps: encoding.fps,
            bitrateKbps: encoding.bitrateKbps.map {
                min(max($0, Self.bitrateRangeKbps.lowerBound), Self.bitrateRangeKbps.upperBound)
            },
            effort: video.quality.map(Effort.init) ?? encoding.latencyProfile.effort,
            keyframeInterval: video.keyframes, profile: video.profile.map(Profile.init) ?? .high)
        peakBitrateKbps = video.maximumBitrateKbps
        isConstantBitrate = video.bitrateMode == .cbr && bitrateKbps != nil
        slices = video.slices ?? 1
        bFrames = video.maximumBFrames ?? 0
    }
}

extension Encoder.Codec {
    init(_ codec: VideoCodec) {
        switch codec {
        case .h264: self = .h264
        case .h265: self = .h265
        }
    }
}

extension VideoSettings {
    /// With what any encoder has.
    fileprivate var ofStandIn: VideoSettings {
        VideoSettings(
            quality: .fastest, bitrateMode: bitrateMode, maximumBitrateKbps: maximumBitrateKbps, fit: fit)
    }

    fileprivate var keyframes: EncoderSettings.KeyframeInterval {
        if let intraRefreshPeriod { return .refresh(intraRefreshPeriod) }
        return keyframeInterval.map { .frames($0) } ?? .duration(.seconds(1))
    }
}

extension EncoderSettings.Profile {
    fileprivate init(_ profile: VideoProfile) {
        switch profile {
        case .baseline: self = .baseline
        case .main: self = .main
        case .high: self = .high
        }
    }
}

extension EncoderSettings.Effort {
    fileprivate init(_ quality: VideoQuality) {
        switch quality {
        case .fastest: self = .fastest
        case .fast: self = .fast
        case .balanced: self = .balanced
        case .good: self = .good
        case .best: self = .best
        }
    }
}

extension Scaler.Fit {
    init(_ fit: PictureFit) {
        switch fit {
        case .contain: self = .contain
        case .cover: self = .cover
        case .stretch: self = .stretch
        }
    }
}

extension LatencyProfile {
    /// No frame waits for another; less effort shortens the time that a frame spends in the encoder, at the cost of quality.
    fileprivate var effort: EncoderSettings.Effort {
        switch self {
        case .normal: .balanced
        case .low: .fast
        case .ultraLow: .fastest
        }
    }
}
