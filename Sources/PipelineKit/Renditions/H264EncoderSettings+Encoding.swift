import MediaKit
import StreamModel

extension H264EncoderSettings {
    /// The encoder of an output: a keyframe each second (contract B.3), and the preset of its latency profile, unless the
    /// output says otherwise.
    init(_ encoding: Encoding) {
        let video = encoding.video
        self.init(
            width: encoding.width, height: encoding.height, fps: encoding.fps,
            bitrateKbps: encoding.bitrateKbps.map {
                min(max($0, Self.bitrateRangeKbps.lowerBound), Self.bitrateRangeKbps.upperBound)
            },
            preset: video.quality?.x264Preset ?? encoding.latencyProfile.x264Preset,
            keyframeInterval: video.keyframes, profile: video.profile.map(Profile.init) ?? .high)
        peakBitrateKbps = video.maximumBitrateKbps
        isConstantBitrate = video.bitrateMode == .cbr && bitrateKbps != nil
        slices = video.slices ?? 1
    }
}

extension VideoSettings {
    fileprivate var keyframes: H264EncoderSettings.KeyframeInterval {
        if let intraRefreshPeriod { return .refresh(intraRefreshPeriod) }
        return keyframeInterval.map { .frames($0) } ?? .duration(.seconds(1))
    }
}

extension H264EncoderSettings.Profile {
    fileprivate init(_ profile: VideoProfile) {
        switch profile {
        case .baseline: self = .baseline
        case .main: self = .main
        case .high: self = .high
        }
    }
}

extension VideoQuality {
    fileprivate var x264Preset: String {
        switch self {
        case .fastest: "ultrafast"
        case .fast: "superfast"
        case .balanced: "veryfast"
        case .good: "faster"
        case .best: "medium"
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
    /// The x264 preset. All of them are tuned for zero latency, so no frame waits for another; a faster preset shortens
    /// the time that a frame spends in the encoder, at the cost of quality.
    var x264Preset: String {
        switch self {
        case .normal: "veryfast"
        case .low: "superfast"
        case .ultraLow: "ultrafast"
        }
    }
}
