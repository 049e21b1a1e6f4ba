/// How the settings become libx264's options.
extension EncoderSettings {
    /// Constant quality when no bitrate is asked for: x264's own default, kept explicit.
    static let constantRateFactor = 23

    private var x264Preset: String {
        switch effort {
        case .fastest: "ultrafast"
        case .fast: "superfast"
        case .balanced: "veryfast"
        case .good: "faster"
        case .best: "medium"
        }
    }

    /// No frame waits for another but for what B-frames need.
    var x264Options: OptionDictionary {
        var options = OptionDictionary([
            "preset": x264Preset,
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
        if effort == .balanced { options.set("partitions", "i8x8,i4x4") }
        if bitrateKbps == nil { options.set("crf", String(EncoderSettings.constantRateFactor)) }
        return options
    }

    /// Whether an x264 that runs takes on other settings (`x264_encoder_reconfig`): another peak, and another constant bitrate.
    /// The average of a variable one stays what it was opened with, and so does the rate of pictures; with `nal-hrd` in its
    /// parameter sets a constant bitrate would stay too.
    func isReconfigurable(to other: EncoderSettings) -> Bool {
        var same = other
        same.peakBitrateKbps = peakBitrateKbps
        if isConstantBitrate, other.bitrateKbps != nil { same.bitrateKbps = bitrateKbps }
        return same == self
    }
}
