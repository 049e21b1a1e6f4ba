import StreamModel
import StreamProtocols

extension VideoCodec {
    init(_ codec: PictureCodec) {
        switch codec {
        case .h264: self = .h264
        case .h265: self = .h265
        }
    }

    /// The codec by libav's short name; nil for one that is never passed on.
    init?(libavName: String) {
        guard let codec = Self.allCases.first(where: { $0.libavName == libavName }) else { return nil }
        self = codec
    }

    /// libav's short name.
    var libavName: String {
        switch self {
        case .h264: "h264"
        case .h265: "hevc"
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
