import MediaKit
import TestSupport
import Testing

@Suite struct SoundEncoderTests {
    typealias Codec = SoundEncoderSettings.Codec

    struct Case: CustomTestStringConvertible {
        var codec: Codec
        var sampleRate: Int
        var channelCount = 1
        var bitrateKbps: Int?
        /// How the decoder knows it, and how many samples the encoder puts before the sound.
        var decoder: String
        var priming: Int
        var frameLength: Int

        var testDescription: String { "\(codec) \(sampleRate) Hz, \(channelCount) channels" }
        var settings: SoundEncoderSettings {
            SoundEncoderSettings(
                codec: codec, sampleRate: sampleRate, channelCount: channelCount, bitrateKbps: bitrateKbps)
        }
    }

    // Priming: ISO/IEC 14496-3's window of AAC, RFC 7845 §4.2 with libopus's 6.5 ms, LAME's encoder and decoder delays.
    static let cases = [
        Case(codec: .aac, sampleRate: 48_000, decoder: "aac", priming: 1024, frameLength: 1024),
        Case(codec: .aac, sampleRate: 44_100, channelCount: 2, decoder: "aac", priming: 1024, frameLength: 1024),
        Case(codec: .aac, sampleRate: 8000, bitrateKbps: 320, decoder: "aac", priming: 1024, frameLength: 1024),
        Case(codec: .opus, sampleRate: 48_000, decoder: "opus", priming: 312, frameLength: 960),
        Case(codec: .opus, sampleRate: 16_000, channelCount: 2, decoder: "opus", priming: 104, frameLength: 320),
        Case(codec: .opus, sampleRate: 48_000, bitrateKbps: 320, decoder: "opus", priming: 312, frameLength: 960),
        Case(codec: .mp3, sampleRate: 48_000, decoder: "mp3", priming: 1105, frameLength: 1152),
        Case(codec: .mp3, sampleRate: 22_050, channelCount: 2, decoder: "mp3", priming: 1105, frameLength: 576),
        Case(codec: .muLaw, sampleRate: 8000, decoder: "pcm_mulaw", priming: 0, frameLength: 160),
        Case(codec: .aLaw, sampleRate: 8000, decoder: "pcm_alaw", priming: 0, frameLength: 160),
    ]

    private func encode(_ test: Case, _ samples: [Float], piece: Int) throws -> [EncodedPacket] {
        let encoder = try SoundEncoder(test.settings)
        #expect(encoder.frameLength == test.frameLength)
        return try stride(from: 0, to: samples.count, by: piece).flatMap {
            try encoder.encode(Array(samples[$0..<min($0 + piece, samples.count)]))
        }
    }

    /// An AudioSpecificConfig of AAC-LC (ISO/IEC 14496-3 §1.6.2.1).
    private func stream(_ test: Case) -> SoundStreamInfo {
        let rates = [96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8000]
        let index = UInt8(rates.firstIndex(of: test.sampleRate) ?? 0)
        let configuration = [2 << 3 | index >> 1, (index & 1) << 7 | UInt8(test.channelCount) << 3]
        return SoundStreamInfo(
            codec: test.decoder, sampleRate: test.codec == .opus ? 48_000 : test.sampleRate,
            channelCount: test.channelCount, extradata: test.codec == .aac ? configuration : [])
    }

    @Test(arguments: cases)
    func aToneIsHeardAtItsTime(_ test: Case) async throws {
        let onset = 0.25
        try await onThread {
            let samples = Tone.samples(
                1000, sampleRate: test.sampleRate, channelCount: test.channelCount, from: onset, seconds: 2)
            let packets = try encode(test, samples, piece: 333 * test.channelCount)
            // Packets follow each other without gaps, and what comes before the sound is before zero.
            let times = packets.compactMap(\.presentationTime)
            #expect(times.first?.ticks == Int64(-test.priming))
            #expect(times.map(\.timeBase).allSatisfy { $0 == MediaTimeBase(denominator: Int32(test.sampleRate)) })
            #expect(
                zip(times, times.dropFirst()).allSatisfy { $1.ticks - $0.ticks == Int64(test.frameLength) },
                "\(times.map(\.ticks))")
            let heard = try HeardSound(packets.map { ($0.bytes, try #require($0.presentationTime)) }, stream(test))
            let rate = test.codec == .opus ? 48_000 : test.sampleRate
            let index = try #require(Tone.onset(heard.samples))
            let heardAt = try #require(heard.start) + Double(index) / Double(rate)
            // Codecs that cut sound into blocks spread an attack over a part of one.
            #expect(abs(heardAt - onset) < 0.012, "\(heardAt)")
            let measure = Tone.measure(heard.samples, (index + rate / 5)..<(index + rate / 2), sampleRate: rate)
            #expect(abs(measure.frequency - 1000) < 5, "\(measure)")
            #expect(abs(measure.level - 0.354) < 0.035, "\(measure)")
        }
    }

    @Test func howSamplesAreCutIntoPiecesMakesNoDifference() async throws {
        try await onThread {
            for test in SoundEncoderTests.cases.filter({ $0.bitrateKbps == nil }) {
                let samples = Tone.samples(
                    440, sampleRate: test.sampleRate, channelCount: test.channelCount, seconds: 0.5)
                let whole = try encode(test, samples, piece: samples.count)
                let pieces = try encode(test, samples, piece: test.channelCount * 7)
                #expect(!whole.isEmpty && whole.map(\.bytes) == pieces.map(\.bytes), "\(test)")
            }
        }
    }

    @Test func theBitrateIsKept() async throws {
        try await onThread {
            for (codec, kbps) in [(Codec.aac, 32), (.aac, 128), (.opus, 24), (.mp3, 64), (.mp3, 128)] {
                let settings = SoundEncoderSettings(
                    codec: codec, sampleRate: 48_000, channelCount: 1, bitrateKbps: kbps)
                let encoder = try SoundEncoder(settings)
                // Noise, which needs all of it.
                var state: UInt32 = 1
                let noise = (0..<48_000 * 4).map { _ -> Float in
                    state = state &* 1_664_525 &+ 1_013_904_223
                    return Float(Int32(bitPattern: state)) / Float(Int32.max) * 0.3
                }
                let bytes = try encoder.encode(noise).reduce(0) { $0 + $1.byteCount }
                #expect(abs(Double(bytes) * 8 / 4000 / Double(kbps) - 1) < 0.2, "\(codec) \(kbps): \(bytes) bytes")
            }
        }
    }

    @Test func whatIsNoNumberIsSilent() async throws {
        try await onThread {
            for test in SoundEncoderTests.cases {
                let samples = [Float](repeating: .nan, count: 4800) + [Float](repeating: .infinity, count: 4800)
                let packets = try encode(test, samples, piece: samples.count)
                #expect(!packets.isEmpty)
            }
        }
    }

    @Test(arguments: [
        SoundEncoderSettings(codec: .opus, sampleRate: 44_100, channelCount: 1),
        SoundEncoderSettings(codec: .mp3, sampleRate: 96_000, channelCount: 1),
        SoundEncoderSettings(codec: .aac, sampleRate: 9000, channelCount: 1),
        SoundEncoderSettings(codec: .aac, sampleRate: 0, channelCount: 1),
        SoundEncoderSettings(codec: .aac, sampleRate: 48_000, channelCount: 6),
        SoundEncoderSettings(codec: .opus, sampleRate: 48_000, channelCount: 1, bitrateKbps: 0),
    ])
    func settingsThatThereAreNotAreRefused(_ settings: SoundEncoderSettings) async throws {
        try await onThread {
            _ = #expect(throws: MediaError.self) { try SoundEncoder(settings) }
        }
    }
}
