import MediaKit
import StreamModel
import StreamProtocols

/// Makes one encoding of whatever is heard, on a line without gaps. Used by one thread.
final class SoundEncodingLine {
    let encoding: SoundEncoding
    private let format: RTPFormat
    private let resampler: SoundResampler
    private let encoder: SoundEncoder
    private var line: SoundLine
    /// Samples that have been given to the encoder.
    private var encodedCount: Int64 = 0

    /// - Parameter origin: where the line begins.
    init(_ encoding: SoundEncoding, from origin: MonotonicInstant) throws(MediaError) {
        guard let format = encoding.format else {
            throw MediaError(
                kind: .unsupported, operation: "encode sound", subject: encoding.codec.rawValue,
                reason: "there are no \(encoding.sampleRate) Hz")
        }
        self.encoding = encoding
        self.format = format
        resampler = SoundResampler(sampleRate: encoding.sampleRate, channelCount: encoding.channelCount)
        encoder = try SoundEncoder(encoding.encoderSettings)
        line = SoundLine(origin: origin, sampleRate: encoding.sampleRate)
    }

    /// Up to where there is sound.
    var end: MonotonicInstant { line.end }

    /// Takes what begins at an instant.
    func take(_ sound: DecodedSound, from start: MonotonicInstant) throws(MediaError) -> [CameraSound] {
        let placement = line.placement(of: start, lasting: sound.duration)
        var frames: [CameraSound] = []
        if placement.silence > 0 { frames += try silence(placement.silence) }
        try resampler.stretch(by: placement.stretch)
        let skipped = Int((placement.skip / .seconds(1) * Double(sound.sampleRate)).rounded())
        return try frames + encode(resampler.convert(sound, skipping: skipped))
    }

    /// Puts silence where nothing has come up to an instant.
    func fill(until instant: MonotonicInstant) throws(MediaError) -> [CameraSound] {
        try silence(line.silence(until: instant))
    }

    private func silence(_ count: Int) throws(MediaError) -> [CameraSound] {
        var frames: [CameraSound] = []
        var rest = count
        // In pieces: a camera may have been away for long.
        while rest > 0 {
            let piece = min(rest, encoding.sampleRate)
            try resampler.stretch(by: 0)
            frames += try encode(resampler.silence(piece))
            rest -= piece
        }
        return frames
    }

    private func encode(_ samples: [Float]) throws(MediaError) -> [CameraSound] {
        encodedCount += Int64(samples.count / encoding.channelCount)
        line.count = encodedCount + Int64(resampler.pendingCount)
        return try encoder.encode(samples).compactMap { packet in
            guard let time = packet.presentationTime else { return nil }
            let clock = MediaTimeBase(denominator: Int32(clamping: format.clockRate))
            return CameraSound(
                bytes: packet.bytes[...], format: format, version: .encoded(encoding),
                presentationTime: time.rescaled(to: clock).ticks, captureTime: line.instant(of: time.ticks))
        }
    }
}
