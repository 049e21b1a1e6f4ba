/// What stretches the core of AAC to its full sound, where its frames alone tell ("HE-AAC").
public enum HighEfficiencyAAC: Sendable, Hashable {
    /// Spectral band replication: the core has half the rate.
    case bandReplication
    /// That, and parametric stereo: the core has one channel, too.
    case parametricStereo
}

/// What a decoder has to know of a stream of sound.
public struct SoundStreamInfo: Sendable, Hashable {
    /// libav's short name of the codec, such as `aac` or `pcm_alaw`.
    public var codec: String
    /// Hz.
    public var sampleRate: Int
    public var channelCount: Int
    /// The codec's out-of-band headers: an AudioSpecificConfig for AAC; empty for most.
    public var extradata: [UInt8]
    /// Of ADPCM, bits of a sample as it is coded; nil where the codec leaves no choice.
    public var codedBits: Int?
    /// Of codecs whose blocks are as long as their container says, bytes of one.
    public var blockAlign: Int?
    /// Of AAC without ``extradata``, which the rate and the channels are of then; nil for what is all core.
    public var highEfficiency: HighEfficiencyAAC?

    public init(
        codec: String, sampleRate: Int, channelCount: Int, extradata: [UInt8] = [], codedBits: Int? = nil,
        blockAlign: Int? = nil, highEfficiency: HighEfficiencyAAC? = nil
    ) {
        self.codec = codec
        self.sampleRate = sampleRate
        self.channelCount = channelCount
        self.extradata = extradata
        self.codedBits = codedBits
        self.blockAlign = blockAlign
        self.highEfficiency = highEfficiency
    }
}
