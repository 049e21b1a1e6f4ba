import MediaKit

/// A tone, as samples of all channels in turn.
enum Tone {
    /// Silence, and from an instant on a tone of half the full level.
    static func samples(
        _ frequency: Double, sampleRate: Int, channelCount: Int = 1, from onset: Double = 0, seconds: Double
    ) -> [Float] {
        (0..<Int(seconds * Double(sampleRate))).flatMap { index -> [Float] in
            let time = Double(index) / Double(sampleRate)
            let level = time >= onset ? 0.5 * sine(2 * .pi * frequency * (time - onset)) : 0
            return Array(repeating: Float(level), count: channelCount)
        }
    }

    /// By its series: tests have no mathematical library beside Foundation's.
    private static func sine(_ angle: Double) -> Double {
        let x = angle.remainder(dividingBy: 2 * .pi)
        var (sum, term) = (x, x)
        for n in 1..<12 {
            term *= -x * x / Double(2 * n * (2 * n + 1))
            sum += term
        }
        return sum
    }

    /// What is heard of the first channel.
    struct Measure {
        /// Hz.
        var frequency: Double
        /// Root of the mean square; half the full level has 0.354.
        var level: Double
    }

    static func measure(_ samples: [Float], _ range: Range<Int>, sampleRate: Int) -> Measure {
        let values = Array(samples[range.clamped(to: samples.indices)])
        let rises = values.indices.dropFirst().filter { values[$0 - 1] < 0 && values[$0] >= 0 }
        let frequency =
            rises.count > 1 ? Double(sampleRate) * Double(rises.count - 1) / Double(rises.last! - rises.first!) : 0
        let square = values.reduce(0) { $0 + Double($1) * Double($1) } / Double(max(values.count, 1))
        return Measure(frequency: frequency, level: square.squareRoot())
    }

    /// The index of the first sample that is a tenth of the full level.
    static func onset(_ samples: [Float]) -> Int? { samples.firstIndex { abs($0) > 0.1 } }
}

/// Decoded sound as samples of the first channel, and the time of the first of them.
struct HeardSound {
    var samples: [Float] = []
    var start: Double?

    /// - Parameter frames: with their times in units of a clock.
    init(_ frames: [(bytes: [UInt8], time: MediaTime)], _ stream: SoundStreamInfo) throws {
        let decoder = try SoundDecoder(stream)
        var resampler: SoundResampler?
        for frame in frames {
            for sound in try decoder.decode(frame.bytes[...], presentationTime: frame.time) {
                if start == nil { start = sound.presentationTime?.seconds }
                let used = resampler ?? SoundResampler(sampleRate: sound.sampleRate, channelCount: 1)
                resampler = used
                samples += try used.convert(sound)
            }
        }
        samples += try resampler?.silence(100) ?? []
    }
}
