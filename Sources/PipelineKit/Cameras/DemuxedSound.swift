import MediaKit
import StreamProtocols

/// The sound of a source that libav reads, as it can be passed on.
struct DemuxedSound: Sendable, Equatable {
    let format: RTPFormat

    /// nil when the codec is not one that is passed on.
    init?(_ stream: AudioStreamInfo) {
        self.init(
            codec: stream.codec, sampleRate: stream.sampleRate, channelCount: stream.channels,
            extradata: stream.extradata)
    }

    /// - Parameter codec: libav's short name.
    init?(codec: String, sampleRate: Int, channelCount: Int, extradata: [UInt8]) {
        guard let rate = UInt32(exactly: sampleRate), rate > 0, (1...255).contains(channelCount) else { return nil }
        let media: MediaFormat? =
            switch codec {
            case "aac":
                (AACConfiguration(extradata)
                    // MPEG-TS has none, but headers before the frames.
                    ?? AACConfiguration(lowComplexity: rate, channelCount: channelCount)).map { .aac($0) }
            case "opus" where channelCount <= 2: .opus(channelCount: channelCount)
            case "pcm_mulaw": .g711(.mu, sampleRate: rate, channelCount: channelCount)
            case "pcm_alaw": .g711(.a, sampleRate: rate, channelCount: channelCount)
            case "mp1", "mp2", "mp3": .mp3(nil)
            default: nil
            }
        guard let media else { return nil }
        format = RTPFormat(media)
    }

    /// nil for a packet that can't be passed on: it has no time, or its header says something else than the stream.
    func frame(of packet: EncodedPacket) -> SoundFrame? {
        guard let time = packet.presentationTime else { return nil }
        var bytes = packet.bytes[...]
        if case .aac(let configuration) = format.media, let framed = ADTSFrame(bytes) {
            guard framed.configuration == configuration else { return nil }
            bytes = framed.frame
        }
        let clock = MediaTimeBase(denominator: Int32(clamping: format.clockRate))
        return SoundFrame(bytes: bytes, timestamp: time.rescaled(to: clock).ticks, arrivalTime: packet.arrivalTime)
    }
}
