import MediaKit
import StreamModel
import StreamProtocols

/// Everything that makes two encodings of one sound differ; equal encodings are made once.
struct SoundEncoding: Hashable, Sendable {
    var codec: AudioCodec
    /// Hz.
    var sampleRate: Int
    /// 1 or 2.
    var channelCount: Int
    /// Nil for the codec's usual one.
    var bitrateKbps: Int?
    /// Whether nothing is heard in it, whatever the camera sends.
    var isSilent = false

    /// How viewers are told of it; nil for settings that there are not.
    var format: RTPFormat? {
        let media: MediaFormat? =
            switch codec {
            case .aac:
                AACConfiguration(lowComplexity: UInt32(clamping: sampleRate), channelCount: channelCount)
                    .map { .aac($0) }
            case .opus: .opus(channelCount: channelCount)
            case .mp3: .mp3(nil)
            case .pcmu: .g711(.mu, sampleRate: UInt32(clamping: sampleRate), channelCount: channelCount)
            case .pcma: .g711(.a, sampleRate: UInt32(clamping: sampleRate), channelCount: channelCount)
            }
        return media.map { RTPFormat($0) }
    }

    var encoderSettings: SoundEncoderSettings {
        let codec: SoundEncoderSettings.Codec =
            switch codec {
            case .aac: .aac
            case .opus: .opus
            case .mp3: .mp3
            case .pcmu: .muLaw
            case .pcma: .aLaw
            }
        return SoundEncoderSettings(
            codec: codec, sampleRate: sampleRate, channelCount: channelCount, bitrateKbps: bitrateKbps)
    }
}
