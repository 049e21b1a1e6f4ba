/// What a viewer must know to play a track, and a publisher to send one: the codec and how it is carried in RTP.
public struct TrackFormat: Sendable, Equatable {
    public var codec: TrackCodec
    /// The RTP payload type, 0…127; dynamic ones begin at 96.
    public var payloadType: UInt8
    /// The parameter sets, when the description had them; in-band ones are newer.
    public var parameterSets: VideoParameterSets?

    public init(codec: TrackCodec, payloadType: UInt8, parameterSets: VideoParameterSets?) {
        self.codec = codec
        self.payloadType = payloadType
        self.parameterSets = parameterSets
    }

    /// An H.264 track (RFC 6184).
    public static func h264(payloadType: UInt8 = 96, parameterSets: H264ParameterSets?) -> TrackFormat {
        TrackFormat(codec: .h264, payloadType: payloadType, parameterSets: parameterSets.map { .h264($0) })
    }

    /// An H.265 track (RFC 7798).
    public static func h265(payloadType: UInt8 = 96, parameterSets: H265ParameterSets?) -> TrackFormat {
        TrackFormat(codec: .h265, payloadType: payloadType, parameterSets: parameterSets.map { .h265($0) })
    }
}
