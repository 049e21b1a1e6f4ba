/// The codecs that a track can have, by their RTP encoding name (IANA "RTP Payload Format media types").
public enum TrackCodec: String, Sendable, CaseIterable {
    case h264 = "H264"
    case h265 = "H265"
}

/// What a viewer must know to play a track, and a publisher to send one: the codec and how it is carried in RTP.
public struct TrackFormat: Sendable, Equatable {
    public var codec: TrackCodec
    /// The RTP payload type, 0…127; dynamic ones begin at 96.
    public var payloadType: UInt8
    /// RTP clock rate in Hz; 90 000 for video.
    public var clockRate: Int
    /// The parameter sets, when the description had them; in-band ones are newer.
    public var parameterSets: VideoParameterSets?

    public init(codec: TrackCodec, payloadType: UInt8, clockRate: Int = 90_000, parameterSets: VideoParameterSets?) {
        self.codec = codec
        self.payloadType = payloadType
        self.clockRate = clockRate
        self.parameterSets = parameterSets
    }

    /// An H.264 track (RFC 6184), always on a 90 kHz clock.
    public static func h264(payloadType: UInt8 = 96, parameterSets: H264ParameterSets?) -> TrackFormat {
        TrackFormat(codec: .h264, payloadType: payloadType, parameterSets: parameterSets.map { .h264($0) })
    }

    /// An H.265 track (RFC 7798), always on a 90 kHz clock.
    public static func h265(payloadType: UInt8 = 96, parameterSets: H265ParameterSets?) -> TrackFormat {
        TrackFormat(codec: .h265, payloadType: payloadType, parameterSets: parameterSets.map { .h265($0) })
    }
}
