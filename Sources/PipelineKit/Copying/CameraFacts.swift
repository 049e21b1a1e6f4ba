import MediaKit
import StreamProtocols

/// What a camera has been seen to send, as far as it decides whether that can be passed on without decoding.
struct CameraFacts: Sendable, Equatable {
    /// libav's short name, such as `h264`.
    var codec: String
    /// What the newest sequence parameter set says; nil for codecs without one, and before the first.
    var picture: VideoPictureFormat?
    /// Frames a second: as measured, before that as announced; nil when neither is known.
    var framesPerSecond: Double?
    /// As measured; nil in the first seconds.
    var bitrateKbps: Double?
    /// The distance of the last two random access points, or the time since the last one when that is longer; nil before
    /// the second, as long as that is not overdue.
    var keyframeSeconds: Double?
    /// Whether a picture that is shown before its predecessor has been seen since the camera was opened, or one that may
    /// be.
    var hasBFrames = false
    /// Whether pictures have been seen that only become whole some time after decoding has begun with them.
    var isRefreshedGradually = false
    /// Packets seen since the camera was opened.
    var packetCount = 0

    init(codec: String) { self.codec = codec }

    /// The codec, if it is one that can be passed on.
    var videoCodec: VideoCodec? { VideoCodec(libavName: codec) }
}

/// A coded picture on its way from a camera to the renditions that pass it on.
struct CameraPacket: Sendable, Equatable {
    /// In decoding order, without start codes; a random access point begins with its parameter sets. Empty when the
    /// codec is one that is never passed on.
    var nalUnits: [ArraySlice<UInt8>]
    /// Whether decoding can begin here, with the parameter sets that are in it.
    var isRandomAccess: Bool
    var captureTime: MonotonicInstant
    var facts: CameraFacts
    /// What came in the picture; it is none of the NAL units.
    var metadata: PictureMetadata?
}
