/// What every encoder is asked within, and how much it may give.
extension EncoderSettings {
    /// Smallest side of an output (contract B.3).
    public static let minimumSide = 16
    /// Range of a requested bitrate in kb/s (contract B.3).
    public static let bitrateRangeKbps = 64...250_000
    /// As many as bring anything beside the pictures that wait for them.
    public static let bFrameRange = 0...4

    /// The ceiling: what is asked for, else 1.1 times the bitrate (contract B.3). At constant quality, 0.15 bit per pixel, which textured
    /// 1080p25 content at factor 23 stays under and sensor noise at night does not exceed.
    var maximumRateKbps: Int {
        if let bitrateKbps, isConstantBitrate { return bitrateKbps }
        if let peakBitrateKbps { return peakBitrateKbps }
        if let bitrateKbps { return Int((Double(bitrateKbps) * 1.1).rounded()) }
        return max(Int(Double(width * height * fps) * 0.15 / 1000), 500)
    }

    /// Size of the decoder's buffer in kilobits: two seconds of the bitrate, at least 512 (contract B.3); of a constant
    /// bitrate one second, as services that ask for it want.
    var bufferKbits: Int {
        if isConstantBitrate, let bitrateKbps { return bitrateKbps }
        return max(2 * (bitrateKbps ?? maximumRateKbps), 512)
    }

    /// - Parameter backend: who is to encode.
    func validate(for backend: EncoderBackend) throws(MediaError) {
        var problem: String?
        if width % 2 != 0 || height % 2 != 0 {
            problem = "\(width)x\(height) has an odd side; use even numbers"
        } else if min(width, height) < EncoderSettings.minimumSide || width * height > Decoder.maximumPixels {
            problem = "\(width)x\(height) is outside 16x16 to 7680x4320"
        } else if !(1...240).contains(fps) {
            problem = "\(fps) frames per second is outside 1 to 240"
        } else if let bitrateKbps, !EncoderSettings.bitrateRangeKbps.contains(bitrateKbps) {
            problem = "\(bitrateKbps) kb/s is outside 64 to 250000"
        } else if !(1...64).contains(threads) {
            problem = "\(threads) threads is outside 1 to 64"
        } else if !(1...16).contains(slices) {
            problem = "\(slices) slices is outside 1 to 16"
        } else if isConstantBitrate, bitrateKbps == nil {
            problem = "a constant bitrate needs a bitrate"
        } else if !isKeyframeIntervalValid {
            problem = "the keyframe interval must be at least one frame and at most an hour"
        } else if !Self.bFrameRange.contains(bFrames) {
            problem = "\(bFrames) B-frames is outside 0 to 4"
        } else if bFrames > 0, backend != .cpu {
            problem = "\(backend.displayName) is not asked for B-frames"
        } else if codec != .h264, backend != .cpu {
            problem = "\(backend.displayName) encodes H.264 alone"
        } else if codec != .h264, case .refresh = keyframeInterval {
            problem = "an intra-refresh of H.265 has no places where a viewer can begin"
        }
        if let problem {
            throw MediaError(kind: .unsupported, operation: "open encoder", subject: codec.subject, reason: problem)
        }
    }

    private var isKeyframeIntervalValid: Bool {
        switch keyframeInterval {
        case .frames(let count), .refresh(let count): (1...1_000_000).contains(count)
        case .duration(let interval): interval > .zero && interval <= .seconds(3600)
        }
    }
}
