import MediaKit
import StreamProtocols

/// Makes PCM of sound that RTP has no format for, or none that others understand: L16 (RFC 3551 §4.5.11), mono or stereo, at its own
/// rate. Used by one thread.
final class LinearSound {
    /// Frames of PCM a second: as long as those of other sound.
    private static let framesPerSecond = 50
    /// A frame is one packet of RTP.
    private static let frameLimit = 1400

    let format: RTPFormat
    private let decoder: SoundDecoder
    private let resampler: SoundResampler
    private let clock: MediaTimeBase

    /// Throws when libav can't decode it.
    init(_ stream: SoundStreamInfo) throws(MediaError) {
        decoder = try SoundDecoder(stream)
        resampler = SoundResampler(sampleRate: stream.sampleRate, channelCount: stream.channelCount)
        clock = MediaTimeBase(denominator: Int32(clamping: stream.sampleRate))
        format = RTPFormat(
            .generic(
                GenericFormat(
                    kind: .audio, encodingName: "L16", clockRate: UInt32(clamping: stream.sampleRate),
                    channelCount: resampler.channelCount)))
    }

    /// - Parameter time: of the packet.
    func frames(of packet: EncodedPacket, at time: MediaTime) throws(MediaError) -> [SoundFrame] {
        var frames: [SoundFrame] = []
        for sound in try decoder.decode(packet.bytes[...], presentationTime: time) {
            let waiting = Int64(resampler.pendingCount)
            let start = (sound.presentationTime ?? time).rescaled(to: clock).ticks - waiting
            frames += cut(try resampler.convert(sound), from: start, arrivalTime: packet.arrivalTime)
        }
        return frames
    }

    private func cut(_ samples: [Float], from start: Int64, arrivalTime: MonotonicInstant) -> [SoundFrame] {
        let channelCount = resampler.channelCount
        let length = max(min(resampler.sampleRate / Self.framesPerSecond, Self.frameLimit / 2 / channelCount), 1)
        return stride(from: 0, to: samples.count, by: length * channelCount).map { position in
            let piece = samples[position..<min(position + length * channelCount, samples.count)]
            var bytes: [UInt8] = []
            bytes.reserveCapacity(piece.count * 2)
            for sample in piece {
                let bounded = sample.isFinite ? min(max(sample, -1), 1) : 0
                let value = Int16((bounded * Float(Int16.max)).rounded())
                bytes.append(UInt8(truncatingIfNeeded: value >> 8))
                bytes.append(UInt8(truncatingIfNeeded: value))
            }
            return SoundFrame(
                bytes: bytes[...], timestamp: start + Int64(position / channelCount), arrivalTime: arrivalTime)
        }
    }
}
