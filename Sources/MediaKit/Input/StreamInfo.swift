/// What a source or an encoder says about its video stream.
public struct VideoStreamInfo: Sendable {
    /// libav's short name of the codec, such as `h264` or `mjpeg`.
    public let codec: String
    public let width: Int
    public let height: Int
    /// Frames per second as declared by the stream, or nil when it declares none.
    public let frameRate: Double?
    /// The codec's out-of-band headers: Annex B parameter sets or an `avcC` record for H.264; empty when in-band only.
    public let extradata: [UInt8]
    public let timeBase: MediaTimeBase
    /// Whether pictures are known to be sent in another order than shown. Streams that do not say count as not.
    public let hasReorderedFrames: Bool
    /// The index that this stream's packets carry.
    public let streamIndex: Int

    let parameters: CodecParameters
}

/// What a source says about its audio stream.
public struct AudioStreamInfo: Sendable {
    public let codec: String
    public let sampleRate: Int
    public let channels: Int
    public let extradata: [UInt8]
    /// See ``SoundStreamInfo``.
    public let codedBits: Int?
    /// Likewise.
    public let blockAlign: Int?
    /// Likewise.
    public let highEfficiency: HighEfficiencyAAC?
    public let timeBase: MediaTimeBase
    public let streamIndex: Int

    let parameters: CodecParameters
}
