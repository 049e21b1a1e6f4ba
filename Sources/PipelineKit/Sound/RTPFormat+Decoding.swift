import MediaKit
import StreamProtocols

extension RTPFormat {
    /// A camera's sound, as a session description tells of it; nil when it can neither be passed on nor decoded.
    init?(sound media: MediaDescription) {
        guard media.kind == .audio, let format = try? RTPFormat(passingOn: media), format.media.decoderInfo != nil
        else { return nil }
        self = format
    }
}

extension MediaFormat {
    /// What a decoder has to know of sound; nil for what can't be decoded.
    var decoderInfo: SoundStreamInfo? {
        switch self {
        case .aac(let configuration):
            SoundStreamInfo(
                codec: "aac", sampleRate: Int(configuration.sampleRate), channelCount: configuration.channelCount,
                extradata: configuration.bytes)
        case .opus(let channelCount):
            SoundStreamInfo(codec: "opus", sampleRate: Int(clockRate), channelCount: channelCount)
        case .g711(let law, let sampleRate, let channelCount):
            SoundStreamInfo(
                codec: law == .mu ? "pcm_mulaw" : "pcm_alaw", sampleRate: Int(sampleRate), channelCount: channelCount)
        // Its frames say the rest.
        case .mp3: SoundStreamInfo(codec: "mp3", sampleRate: 0, channelCount: 0)
        case .generic(let format): format.decoderInfo
        case .h264, .h265: nil
        }
    }
}

extension GenericFormat {
    fileprivate var decoderInfo: SoundStreamInfo? {
        let name = encodingName.lowercased()
        if name == "l16" {
            return SoundStreamInfo(
                codec: "pcm_s16be", sampleRate: Int(clockRate), channelCount: channelCount ?? 1)
        }
        // RFC 3551 §4.5.4: bits lie from the least significant one on; AAL2 has them the other way round.
        let isAAL2 = name.hasPrefix("aal2-")
        guard let rate = Self.g726Bits[isAAL2 ? String(name.dropFirst(5)) : name] else { return nil }
        return SoundStreamInfo(
            codec: isAAL2 ? "adpcm_g726" : "adpcm_g726le", sampleRate: Int(clockRate), channelCount: 1, codedBits: rate)
    }

    /// Bits of a sample, of which there are 8000 a second.
    private static let g726Bits = ["g726-16": 2, "g726-24": 3, "g726-32": 4, "g726-40": 5]
}
