/// How the settings become the options of hardware encoders. Those that a version of libav does not know are left out by
/// it, and cost nothing but quality.
extension EncoderSettings {
    /// Hardware encoders have no common scale of quality, so without a bitrate the ceiling is what they aim at.
    var hardwareBitrateKbps: Int { bitrateKbps ?? maximumRateKbps }

    /// Pictures between two keyframes if none is asked for: twice what ``Encoder`` asks for by itself.
    var hardwareGroupSize: Int {
        switch keyframeInterval {
        case .frames(let count), .refresh(let count): count
        case .duration(let interval): max(Int((interval / .seconds(1) * Double(fps) * 2).rounded()), 1)
        }
    }

    /// Everything is set for pictures that come out at once, as with x264's `zerolatency`.
    func hardwareOptions(_ backend: EncoderBackend) -> OptionDictionary {
        switch backend {
        case .cpu:
            x264Options
        case .nvenc:
            // The presets of the reference's latency profiles (contract B.3).
            OptionDictionary([
                "preset": effort == .fastest ? "p1" : effort == .fast ? "p3" : "p5", "tune": "ll",
                "zerolatency": "1", "delay": "0", "forced-idr": "1", "rc": isConstantBitrate ? "cbr" : "vbr",
                "profile": profile.rawValue,
            ])
        case .qsv:
            OptionDictionary([
                "preset": effort == .fastest ? "veryfast" : "faster", "async_depth": "1", "forced_idr": "1",
                "profile": profile.rawValue,
            ])
        case .vaapi:
            OptionDictionary(["async_depth": "1", "idr_interval": "0", "profile": profile.rawValue])
        case .videotoolbox:
            OptionDictionary(["realtime": "1", "allow_sw": "0", "profile": profile.rawValue])
        case .v4l2m2m:
            OptionDictionary([:])
        }
    }
}
