/// How the settings become libx264's options.
extension H264EncoderSettings {
    /// Smallest side of an output (contract B.3).
    public static let minimumSide = 16
    /// Range of a requested bitrate in kb/s (contract B.3).
    public static let bitrateRangeKbps = 64...250_000

    static let presets = [
        "ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow", "placebo",
    ]

    /// Constant quality when no bitrate is asked for: x264's own default, kept explicit.
    static let constantRateFactor = 23

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

    var privateOptions: OptionDictionary {
        var options = OptionDictionary([
            "preset": preset,
            "tune": "zerolatency",
            "profile": profile.rawValue,
            // A forced keyframe is an IDR picture, not merely an I picture.
            "forced-idr": "1",
            "sc_threshold": "0",
            "x264-params": "repeat-headers=1:annexb=1:open-gop=0" + (isConstantBitrate ? ":filler=1" : "")
                + (slices > 1 ? ":slices=\(slices)" : ""),
        ])
        if case .refresh = keyframeInterval { options.set("intra-refresh", "1") }
        // Parts of 8×8 cost a fifth to an eighth of the preset's time, and bring 0.03 dB of PSNR and 0.0001 of SSIM (720p25 at
        // 2500 kb/s, of a noisy 1080p camera and of a quiet scene).
        if preset == "veryfast" { options.set("partitions", "i8x8,i4x4") }
        if bitrateKbps == nil { options.set("crf", String(H264EncoderSettings.constantRateFactor)) }
        return options
    }

    /// Whether an x264 that runs takes on other settings (`x264_encoder_reconfig`): another peak, and another constant bitrate.
    /// The average of a variable one stays what it was opened with, and so does the rate of pictures; with `nal-hrd` in its
    /// parameter sets a constant bitrate would stay too.
    func isReconfigurable(to other: H264EncoderSettings) -> Bool {
        var same = other
        same.peakBitrateKbps = peakBitrateKbps
        if isConstantBitrate, other.bitrateKbps != nil { same.bitrateKbps = bitrateKbps }
        return same == self
    }

    func validate() throws(MediaError) {
        var problem: String?
        if width % 2 != 0 || height % 2 != 0 {
            problem = "\(width)x\(height) has an odd side; use even numbers"
        } else if min(width, height) < H264EncoderSettings.minimumSide || width * height > Decoder.maximumPixels {
            problem = "\(width)x\(height) is outside 16x16 to 7680x4320"
        } else if !(1...240).contains(fps) {
            problem = "\(fps) frames per second is outside 1 to 240"
        } else if let bitrateKbps, !H264EncoderSettings.bitrateRangeKbps.contains(bitrateKbps) {
            problem = "\(bitrateKbps) kb/s is outside 64 to 250000"
        } else if !H264EncoderSettings.presets.contains(preset) {
            problem =
                "there is no preset \"\(preset)\"; use one of \(H264EncoderSettings.presets.joined(separator: ", "))"
        } else if !(1...64).contains(threads) {
            problem = "\(threads) threads is outside 1 to 64"
        } else if !(1...16).contains(slices) {
            problem = "\(slices) slices is outside 1 to 16"
        } else if isConstantBitrate, bitrateKbps == nil {
            problem = "a constant bitrate needs a bitrate"
        } else if !isKeyframeIntervalValid {
            problem = "the keyframe interval must be at least one frame and at most an hour"
        }
        if let problem {
            throw MediaError(kind: .unsupported, operation: "open encoder", subject: "h264", reason: problem)
        }
    }

    private var isKeyframeIntervalValid: Bool {
        switch keyframeInterval {
        case .frames(let count), .refresh(let count): (1...1_000_000).contains(count)
        case .duration(let interval): interval > .zero && interval <= .seconds(3600)
        }
    }
}
