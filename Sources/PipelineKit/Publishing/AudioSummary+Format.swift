import StreamModel
import StreamProtocols

extension PublishedSound {
    /// Nil for a track of pictures.
    init?(_ track: StreamDescription.Track) {
        guard let version = track.version, let audio = AudioSummary(track.format.media) else { return nil }
        self.track = track.number
        status = SoundStatus(audio, version.origin)
    }
}

extension SoundVersion {
    fileprivate var origin: SoundStatus.Origin {
        switch self {
        case .copied: .copied
        case .encoded(let encoding): encoding.isSilent ? .silent : .encoded
        }
    }
}

extension AudioSummary {
    /// Sound as it is published; nil for anything else.
    init?(_ media: MediaFormat) {
        switch media {
        case .aac(let configuration):
            self.init(
                codec: "aac", sampleRate: Int(configuration.outputSampleRate), channels: configuration.channelCount)
        case .opus(let channelCount):
            self.init(codec: "opus", sampleRate: Int(media.clockRate), channels: channelCount)
        case .g711(let law, let sampleRate, let channelCount):
            self.init(
                codec: law == .mu ? "pcm_mulaw" : "pcm_alaw", sampleRate: Int(sampleRate), channels: channelCount)
        case .mp3(let format):
            self.init(
                codec: "mp3", sampleRate: Int(format?.sampleRate ?? 0), channels: format?.channelCount ?? 0)
        case .generic(let format) where format.kind == .audio:
            self.init(
                codec: format.encodingName.lowercased(), sampleRate: Int(format.clockRate),
                channels: format.channelCount ?? 1)
        case .h264, .h265, .generic: return nil
        }
    }
}
