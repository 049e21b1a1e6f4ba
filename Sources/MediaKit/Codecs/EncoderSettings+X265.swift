/// How the settings become libx265's options, with the same promises as x264's: closed groups, and parameter sets with each keyframe.
extension EncoderSettings {
    /// x265 takes about three times as long as x264 for a picture, so its presets are faster ones.
    private var x265Preset: String {
        switch effort {
        case .fastest, .fast: "ultrafast"
        case .balanced: "superfast"
        case .good: "veryfast"
        case .best: "medium"
        }
    }

    var x265Options: OptionDictionary {
        var parameters = [
            // Threads of its own would outnumber those that were asked for; it writes its log past libav's.
            "repeat-headers=1", "annexb=1", "open-gop=0", "scenecut=0", "frame-threads=1", "keyint=\(groupX265)",
            "pools=\(threads)", "info=0", "log-level=error", "bframes=\(bFrames)",
        ]
        // It looks further ahead than it may use pictures.
        if bFrames > 0 { parameters += ["rc-lookahead=\(bFrames + 1)", "b-adapt=0"] }
        if slices > 1 { parameters.append("slices=\(slices)") }
        if isConstantBitrate { parameters.append("strict-cbr=1") }
        var options = OptionDictionary([
            "preset": x265Preset, "tune": "zerolatency", "profile": "main", "forced-idr": "1",
            "x265-params": parameters.joined(separator: ":"),
        ])
        if bitrateKbps == nil { options.set("crf", String(Self.constantRateFactorX265)) }
        return options
    }

    /// After how many pictures x265 makes a keyframe by itself; -1 for never.
    private var groupX265: Int {
        switch keyframeInterval {
        case .frames(let count): count
        case .duration, .refresh: -1
        }
    }

    /// x265's own default.
    private static var constantRateFactorX265: Int { 28 }
}
