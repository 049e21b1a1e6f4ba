/// The codecs that a track can have, by their RTP encoding name (IANA "RTP Payload Format media types").
public enum TrackCodec: String, Sendable, CaseIterable {
    case h264 = "H264"
}

/// What a viewer must know to play a track, and a publisher to send one: the codec and how it is carried in RTP.
public struct TrackFormat: Sendable, Equatable {
    public var codec: TrackCodec
    /// The RTP payload type, 0…127; dynamic ones begin at 96.
    public var payloadType: UInt8
    /// RTP clock rate in Hz; 90 000 for video.
    public var clockRate: Int
    /// H.264: the parameter sets, when the description had them; in-band ones are newer.
    public var parameterSets: H264ParameterSets?

    /// An H.264 track (RFC 6184), always on a 90 kHz clock.
    public static func h264(payloadType: UInt8 = 96, parameterSets: H264ParameterSets?) -> TrackFormat {
        TrackFormat(codec: .h264, payloadType: payloadType, clockRate: 90_000, parameterSets: parameterSets)
    }
}
