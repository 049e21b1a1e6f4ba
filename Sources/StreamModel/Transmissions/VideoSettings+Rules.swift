/// What contradicts itself among the settings, and what who gets the picture rules out.
extension VideoSettings {
    /// - Returns: what is wrong beside the picture's other settings, and with which field; nil where nothing is.
    func problem(
        for receiver: some PictureReceiver, encoder: EncoderChoice, bitrateKbps: Int?
    ) -> (CodedMessage, member: String)? {
        codecProblem(for: receiver, encoder: encoder) ?? keyframeProblem(for: receiver)
            ?? encoderProblem(encoder) ?? bitrateProblem(bitrateKbps)
    }

    /// Whether there may be pictures that are shown before one that comes earlier.
    var hasBFrames: Bool { (maximumBFrames ?? 0) > 0 }

    private func codecProblem(
        for receiver: some PictureReceiver, encoder: EncoderChoice
    ) -> (CodedMessage, member: String)? {
        guard let codec else { return nil }
        if let objection = receiver.objection(to: codec) { return (objection, "codec") }
        guard codec != .h264 else { return nil }
        let name: [String: JSONValue] = ["codec": .string(codec.displayName)]
        if encoder != .cpu {
            return (
                CodedMessage(
                    "codec_of_cpu",
                    "Hardware is used for H.264 alone: choose the encoder cpu for \(codec.displayName).", name), "codec"
            )
        }
        if profile != nil {
            return (
                CodedMessage(
                    "profile_of_h264",
                    "The profiles baseline, main and high are those of H.264: leave profile out for \(codec.displayName).",
                    name), "profile"
            )
        }
        if intraRefreshPeriod != nil {
            return (
                CodedMessage(
                    "intra_refresh_of_h264",
                    "The encoder of \(codec.displayName) does not say where in an intra-refresh a viewer can begin: it is had with H.264 alone.",
                    name), "intra_refresh_period"
            )
        }
        return nil
    }

    private func keyframeProblem(for receiver: some PictureReceiver) -> (CodedMessage, member: String)? {
        if intraRefreshPeriod != nil, keyframeInterval != nil {
            return (
                CodedMessage(
                    "intra_refresh_or_keyframes",
                    "With intra-refresh there are no keyframes: leave one of keyframe_interval and intra_refresh_period out."
                ), "intra_refresh_period"
            )
        }
        if intraRefreshPeriod != nil, let need = receiver.keyframeNeed { return (need, "intra_refresh_period") }
        if hasBFrames, let objection = receiver.reorderObjection { return (objection, "max_b_frames") }
        if hasBFrames, profile == .baseline {
            return (
                CodedMessage(
                    "b_frames_not_in_baseline",
                    "The profile baseline has no B-frames: choose main or high, or leave max_b_frames at 0."),
                "max_b_frames"
            )
        }
        return nil
    }

    private func encoderProblem(_ encoder: EncoderChoice) -> (CodedMessage, member: String)? {
        guard intraRefreshPeriod != nil || slices != nil || hasBFrames, encoder != .cpu else { return nil }
        return (
            CodedMessage(
                "encoder_setting_of_cpu",
                "Not every encoder in hardware has slices, intra-refresh and B-frames: choose the encoder cpu for them."
            ),
            slices != nil ? "slices" : intraRefreshPeriod != nil ? "intra_refresh_period" : "max_b_frames"
        )
    }

    private func bitrateProblem(_ bitrateKbps: Int?) -> (CodedMessage, member: String)? {
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
