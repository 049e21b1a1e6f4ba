import StreamProtocols

extension TrackCodec {
    /// The codec by libav's short name; nil for one that is never passed on.
    init?(libavName: String) {
        switch libavName {
        case "h264": self = .h264
        case "hevc": self = .h265
        default: return nil
        }
    }

    /// As users know it.
    var displayName: String {
        switch self {
        case .h264: "H.264"
        case .h265: "H.265"
        }
    }
}
