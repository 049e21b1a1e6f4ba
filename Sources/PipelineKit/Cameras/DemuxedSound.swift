import MediaKit
import StreamProtocols

/// The sound of a source that libav reads, as it can be passed on: as it comes, or as PCM where it is of a kind that only libav
/// understands. Used by one thread.
final class DemuxedSound {
    let format: RTPFormat
    /// nil where it is passed on as it comes.
    private let linear: LinearSound?

    /// nil when libav does not understand it either.
    convenience init?(_ stream: AudioStreamInfo) {
        self.init(
            SoundStreamInfo(
                codec: stream.codec, sampleRate: stream.sampleRate, channelCount: stream.channels,
                extradata: stream.extradata, codedBits: stream.codedBits, blockAlign: stream.blockAlign,
                highEfficiency: stream.highEfficiency))
    }

    init?(_ stream: SoundStreamInfo) {
        guard let rate = UInt32(exactly: stream.sampleRate), rate > 0, (1...255).contains(stream.channelCount) else {
            return nil
        }
        let media: MediaFormat? =
            switch stream.codec {
            case "aac":
                (AACConfiguration(stream.extradata)
                    // MPEG-TS has none, but headers before the frames.
                    ?? AACConfiguration(framed: stream, sampleRate: rate)).map { .aac($0) }
            case "opus" where stream.channelCount <= 2: .opus(channelCount: stream.channelCount)
            case "pcm_mulaw": .g711(.mu, sampleRate: rate, channelCount: stream.channelCount)
            case "pcm_alaw": .g711(.a, sampleRate: rate, channelCount: stream.channelCount)
            case "mp1", "mp2", "mp3": .mp3(nil)
            default: nil
            }
        if let media {
            format = RTPFormat(media)
            linear = nil
        } else {
            guard let linear = try? LinearSound(stream) else { return nil }
            format = linear.format
            self.linear = linear
        }
    }

    /// What a packet holds; nothing when it can't be passed on: it has no time, or its header says something else than the stream.
    func frames(of packet: EncodedPacket) throws(MediaError) -> [SoundFrame] {
        guard let time = packet.presentationTime else { return [] }
        if let linear { return try linear.frames(of: packet, at: time) }
        var bytes = packet.bytes[...]
        if case .aac(let configuration) = format.media, let framed = ADTSFrame(bytes) {
            guard framed.configuration.isCore(of: configuration) else { return [] }
            bytes = framed.frame
        }
        let clock = MediaTimeBase(denominator: Int32(clamping: format.clockRate))
        return [SoundFrame(bytes: bytes, timestamp: time.rescaled(to: clock).ticks, arrivalTime: packet.arrivalTime)]
    }
}

extension AACConfiguration {
    /// Of frames that have headers, which tell the core of HE-AAC only: who passes them on tells the rest, so that nobody takes
    /// the core's rate for that of the sound.
    fileprivate init?(framed stream: SoundStreamInfo, sampleRate: UInt32) {
        switch stream.highEfficiency {
        case nil: self.init(lowComplexity: sampleRate, channelCount: stream.channelCount)
        case .bandReplication:
            self.init(
                highEfficiency: sampleRate, coreChannelCount: stream.channelCount, hasParametricStereo: false)
        case .parametricStereo: self.init(highEfficiency: sampleRate, coreChannelCount: 1, hasParametricStereo: true)
        }
    }
}
