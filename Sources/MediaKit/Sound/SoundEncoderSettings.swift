/// What sound is encoded as.
public struct SoundEncoderSettings: Sendable, Hashable {
    public enum Codec: String, Sendable, Hashable, CaseIterable {
        case aac, opus, mp3
        /// G.711.
        case muLaw, aLaw
    }

    public var codec: Codec
    /// Hz.
    public var sampleRate: Int
    /// 1 or 2.
    public var channelCount: Int
    /// Nil for the usual one of the codec; without effect on G.711.
    public var bitrateKbps: Int?

    public init(codec: Codec, sampleRate: Int, channelCount: Int, bitrateKbps: Int? = nil) {
        self.codec = codec
        self.sampleRate = sampleRate
        self.channelCount = channelCount
        self.bitrateKbps = bitrateKbps
    }

    /// Bits a second: transparent for speech, and good for music.
    var bitrate: Int {
        let usualKbps =
            switch codec {
            case .aac: 64 * channelCount
            case .opus: 48 * channelCount
            case .mp3: 64 * channelCount
            case .muLaw, .aLaw: 64 * channelCount
            }
        // What the codec could not use: AAC has 6144 bits a frame and channel (ISO/IEC 14496-3 §4.5.1.1), libopus 256 kb/s a channel.
        let limitKbps =
            switch codec {
            case .aac: 6 * sampleRate * channelCount / 1000
            case .opus: 256 * channelCount
            case .mp3, .muLaw, .aLaw: 320
            }
        return min(bitrateKbps ?? usualKbps, limitKbps) * 1000
    }
}

extension SoundEncoderSettings.Codec {
    /// libav's name of the encoder.
    public var encoderName: String {
        switch self {
        case .aac: "aac"
        case .opus: "libopus"
        case .mp3: "libmp3lame"
        case .muLaw: "pcm_mulaw"
        case .aLaw: "pcm_alaw"
        }
    }
}
