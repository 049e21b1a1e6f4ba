/// Who gets a picture, as far as that rules out what may be asked of its encoder.
protocol PictureReceiver {
    /// Why it can't do without keyframes; nil where it can.
    var keyframeNeed: CodedMessage? { get }
    /// Why it takes no B-frames; nil where it does.
    var reorderObjection: CodedMessage? { get }
    /// Why it takes no pictures of a codec; nil where it does.
    func objection(to codec: PictureCodec) -> CodedMessage?
}

extension PictureReceiver {
    /// Why it can't be given what somebody else asked of an encoder; nil where it can.
    func objection(to video: VideoSettings) -> CodedMessage? {
        if let objection = video.codec.flatMap(objection(to:)) { return objection }
        if video.intraRefreshPeriod != nil, let keyframeNeed { return keyframeNeed }
        return video.hasBFrames ? reorderObjection : nil
    }
}

extension OutputProtocol: PictureReceiver {
    /// Players of HLS begin at a keyframe, and browsers show nothing by WebRTC before one.
    var keyframeNeed: CodedMessage? {
        switch self {
        case .rtsp: nil
        case .hls, .webrtc:
            CodedMessage(
                "intra_refresh_by_rtsp_alone",
                "Browsers can't join a stream without keyframes: intra-refresh is for outputs by RTSP.")
        }
    }

    /// RTP says when a picture is shown, and browsers show it as soon as it is decoded.
    var reorderObjection: CodedMessage? {
        switch self {
        case .rtsp, .hls: nil
        case .webrtc:
            CodedMessage(
                "b_frames_not_by_webrtc",
                "Browsers show the pictures of WebRTC in the order in which they come, so B-frames would jump back and forth: leave max_b_frames at 0."
            )
        }
    }

    func objection(to codec: PictureCodec) -> CodedMessage? {
        switch (self, codec) {
        case (.rtsp, _), (.hls, _), (.webrtc, .h264): nil
        case (.webrtc, .h265):
            CodedMessage(
                "codec_not_by_webrtc",
                "Few browsers take \(codec.displayName) by WebRTC: choose H.264 for this output.",
                ["codec": .string(codec.displayName)])
        }
    }
}

extension DestinationKind: PictureReceiver {
    /// Services cut what comes by RTMP at its keyframes.
    var keyframeNeed: CodedMessage? {
        switch self {
        case .srt, .rtsp: nil
        case .rtmp, .rtmps:
            CodedMessage(
                "intra_refresh_not_by_rtmp",
                "Services that take RTMP need keyframes: intra-refresh is for destinations by SRT and RTSP.")
        }
    }

    var reorderObjection: CodedMessage? { nil }

    func objection(to codec: PictureCodec) -> CodedMessage? {
        switch (self, codec) {
        case (.srt, _), (.rtsp, _), (_, .h264): nil
        case (.rtmp, .h265), (.rtmps, .h265):
            CodedMessage(
                "codec_not_by_rtmp",
                "\(codec.displayName) by RTMP needs enhanced RTMP, which the ffmpeg libraries here don't speak: choose H.264, or SRT.",
                ["codec": .string(codec.displayName)])
        }
    }
}
