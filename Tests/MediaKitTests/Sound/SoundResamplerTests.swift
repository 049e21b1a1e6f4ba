import MediaKit
import TestSupport
import Testing

@Suite struct SoundResamplerTests {
    /// Linear sound in pieces of 20 ms, decoded.
    private func sound(
        _ frequency: Double, sampleRate: Int, channelCount: Int = 1, seconds: Double
    ) throws -> [DecodedSound] {
        let decoder = try SoundDecoder(
            SoundStreamInfo(codec: "pcm_s16be", sampleRate: sampleRate, channelCount: channelCount))
        let samples = Tone.samples(frequency, sampleRate: sampleRate, channelCount: channelCount, seconds: seconds)
        let piece = sampleRate / 50 * channelCount
        return try stride(from: 0, to: samples.count, by: piece).flatMap { start in
            let bytes = samples[start..<min(start + piece, samples.count)].flatMap { sample -> [UInt8] in
                let value = Int16(sample * 32_767)
                return [UInt8(truncatingIfNeeded: value >> 8), UInt8(truncatingIfNeeded: value)]
            }
            return try decoder.decode(bytes[...], presentationTime: MediaTime(ticks: 0, timeBase: .microseconds))
        }
    }

    @Test(arguments: [(8000, 1, 48_000, 1), (44_100, 2, 48_000, 1), (11_025, 1, 44_100, 2), (48_000, 6, 8000, 1)])
    func toneLevelAndLengthStay(from: Int, channels: Int, to: Int, outputChannels: Int) async throws {
        try await onThread {
            let resampler = SoundResampler(sampleRate: to, channelCount: outputChannels)
            var output: [Float] = []
            for piece in try sound(1000, sampleRate: from, channelCount: channels, seconds: 1) {
                output += try resampler.convert(piece)
            }
            // Nothing is lost: what has not come out waits.
            #expect(abs(output.count / outputChannels + resampler.pendingCount - to) <= 2)
            let first = stride(from: 0, to: output.count, by: outputChannels).map { output[$0] }
            let measure = Tone.measure(first, (to / 4)..<(to * 3 / 4), sampleRate: to)
            #expect(abs(measure.frequency - 1000) < 2)
            // Six channels at once are brought down so that none of them is cut.
            #expect(channels == 6 || abs(measure.level - 0.354) < 0.02, "\(measure)")
        }
    }

    @Test func soundGoesOnWhenItsRateAndItsChannelsChange() async throws {
        try await onThread {
            let resampler = SoundResampler(sampleRate: 48_000, channelCount: 1)
            var output: [Float] = []
            for (rate, channels) in [(8000, 1), (44_100, 2), (16_000, 1)] {
                for piece in try sound(1000, sampleRate: rate, channelCount: channels, seconds: 0.5) {
                    output += try resampler.convert(piece)
                }
            }
            #expect(abs(output.count + resampler.pendingCount - 72_000) < 48)
            for start in [12_000, 36_000, 60_000] {
                #expect(abs(Tone.measure(output, start..<(start + 8000), sampleRate: 48_000).frequency - 1000) < 5)
            }
        }
    }

    @Test func theBeginningCanBeLeftOut() async throws {
        try await onThread {
            let resampler = SoundResampler(sampleRate: 48_000, channelCount: 1)
            let pieces = try sound(1000, sampleRate: 8000, seconds: 0.1)
            var count = 0
            for piece in pieces { count += try resampler.convert(piece, skipping: 60).count }
            #expect(abs(count + resampler.pendingCount - 5 * 100 * 6) <= 2)
            let before = count
            // All of it, and more than all.
            for skipped in [160, 161, Int.max] { count += try resampler.convert(pieces[0], skipping: skipped).count }
            #expect(count == before)
        }
    }

    @Test func silenceIsAsLongAsItIsAskedFor() async throws {
        try await onThread {
            let resampler = SoundResampler(sampleRate: 48_000, channelCount: 2)
            // Also before anything was heard.
            #expect(try resampler.silence(480) == [Float](repeating: 0, count: 960))
            var count = 0
            for piece in try sound(1000, sampleRate: 44_100, seconds: 0.2) {
                count += try resampler.convert(piece).count / 2
            }
            let before = count + resampler.pendingCount
            let silence = try resampler.silence(4800)
            count += silence.count / 2
            #expect(abs(count + resampler.pendingCount - before - 4800) <= 2)
            #expect(silence.suffix(4000).allSatisfy { abs($0) < 0.001 })
            #expect(try resampler.silence(0).isEmpty)
        }
    }

    /// A fifth of a percent for a second; a tone stays a tone meanwhile.
    @Test(arguments: [96, -96, 100_000, -100_000])
    func soundIsMadeLongerAndShorter(samples: Int) async throws {
        let expected = min(max(samples, -240), 240)
        try await onThread {
            let resampler = SoundResampler(sampleRate: 48_000, channelCount: 1)
            var output: [Float] = []
            for (index, piece) in try sound(1000, sampleRate: 48_000, seconds: 1.1).enumerated() {
                output += try resampler.convert(piece)
                if index == 0 { try resampler.stretch(by: samples) }
            }
            let made = output.count + resampler.pendingCount
            #expect(abs(made - 52_800 - expected) <= 12, "\(made)")
            // No cut: from one sample to the next a tone of 1 kHz changes by 0.066 at most.
            let steps = zip(output, output.dropFirst()).dropFirst(100).map { abs($1 - $0) }
            #expect((steps.max() ?? 1) < 0.08)
        }
    }
}
