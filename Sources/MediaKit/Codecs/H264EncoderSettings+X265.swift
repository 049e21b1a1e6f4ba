/// How the settings become libx265's options, with the same promises: no delay, closed groups, repeated parameter sets.
extension H264EncoderSettings {
    var x265Options: OptionDictionary {
        var options = OptionDictionary([
            "preset": preset,
            "tune": "zerolatency",
            "profile": "main",
            "forced-idr": "1",
            // Threads of its own would outnumber those that were asked for; it writes its log past libav's.
            "x265-params": "repeat-headers=1:annexb=1:open-gop=0:scenecut=0:bframes=0:frame-threads=1"
                + ":keyint=\(groupX265):pools=\(threads):info=0:log-level=error",
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
