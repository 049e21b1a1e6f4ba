import MediaKit
import StreamModel

extension H264EncoderSettings {
    /// The encoder of an output: a keyframe each second (contract B.3), and the preset of its latency profile.
    init(_ encoding: Encoding) {
        self.init(
            width: encoding.width, height: encoding.height, fps: encoding.fps,
            bitrateKbps: encoding.bitrateKbps.map {
                min(max($0, Self.bitrateRangeKbps.lowerBound), Self.bitrateRangeKbps.upperBound)
            },
            preset: encoding.latencyProfile.x264Preset, keyframeInterval: .duration(.seconds(1)))
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
