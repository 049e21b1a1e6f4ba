import MediaKit
import TestSupport
import Testing

@Suite struct SoundDecoderTests {
    private func time(_ ticks: Int64) -> MediaTime { MediaTime(ticks: ticks, timeBase: .microseconds) }

    @Test func linearSamplesAreTakenAsTheyAre() async throws {
        try await onThread {
            let decoder = try SoundDecoder(
                SoundStreamInfo(codec: "pcm_s16be", sampleRate: 16_000, channelCount: 2))
            // Two channels: half the level, and its negative.
            let bytes = [UInt8](repeating: 0, count: 640).enumerated().map { index, _ in
                [0x40, 0x00, 0xC0, 0x00][index % 4] as UInt8
            }
            let sound = try #require(try decoder.decode(bytes[...], presentationTime: time(5000)).first)
            #expect(sound.sampleRate == 16_000 && sound.channelCount == 2 && sound.sampleCount == 160)
            #expect(sound.presentationTime == time(5000) && sound.duration == .milliseconds(10))
            let stereo = try SoundResampler(sampleRate: 16_000, channelCount: 2).convert(sound)
            try #require(stereo.count > 101)
            #expect(abs(stereo[100] - 0.5) < 0.01 && abs(stereo[101] + 0.5) < 0.01)
            // In mono they meet in the middle.
            let mono = try SoundResampler(sampleRate: 16_000, channelCount: 1).convert(sound)
            try #require(mono.count > 60)
            #expect(abs(mono[60]) < 0.01)
        }
    }

    /// What ffmpeg encodes, in both orders of bits.
    @Test(arguments: [("g726le", "adpcm_g726le", 4), ("g726le", "adpcm_g726le", 2), ("g726", "adpcm_g726", 5)])
    func adaptiveDifferencesAreDecoded(encoder: String, decoder: String, bits: Int) async throws {
        try await onThread {
            let directory = try TemporaryDirectory()
            let path = directory.path + "/tone"
            try FFmpegProgram.run([
                "-f", "lavfi", "-i", "sine=frequency=500:sample_rate=8000:duration=1", "-c:a", encoder, "-code_size",
                "\(bits)", "-f", encoder, path,
            ])
            let bytes = try readFile(path)
            #expect(abs(bytes.count - 1000 * bits) < 50)
            // 20 ms a packet.
            let frames = stride(from: 0, to: bytes.count, by: 20 * bits).enumerated().map { index, start in
                (Array(bytes[start..<min(start + 20 * bits, bytes.count)]), time(Int64(index) * 20_000))
            }
            let heard = try HeardSound(
                frames, SoundStreamInfo(codec: decoder, sampleRate: 8000, channelCount: 1, codedBits: bits))
            #expect(heard.start == 0)
            let measure = Tone.measure(heard.samples, 2000..<6000, sampleRate: 8000)
            #expect(abs(measure.frequency - 500) < 5, "\(measure)")
            // ffmpeg's tone has an eighth of the full level.
            #expect(abs(measure.level - 0.0884) < 0.02, "\(measure)")
        }
    }

    @Test(arguments: ["aac", "mp3", "opus", "pcm_alaw", "pcm_mulaw", "adpcm_g726le"])
    func damageIsCountedAndNeverThrown(codec: String) async throws {
        try await onThread {
            let decoder = try SoundDecoder(
                SoundStreamInfo(
                    codec: codec, sampleRate: 8000, channelCount: 1, extradata: codec == "aac" ? [0x15, 0x88] : [],
                    codedBits: 4))
            var state: UInt32 = 7
            for length in [0, 1, 2, 3, 160, 700, 5000] {
                for round in 0..<20 {
                    let bytes = (0..<length).map { _ -> UInt8 in
                        state = state &* 1_664_525 &+ 1_013_904_223
                        return UInt8(state >> 24)
                    }
                    _ = try decoder.decode(bytes[...], presentationTime: time(Int64(round)))
                }
            }
            if ["aac", "mp3", "opus"].contains(codec) { #expect(decoder.corruptCount > 0) }
        }
    }

    @Test func unknownCodecsAndPicturesAreRefused() {
        for codec in ["nonsense", "h264"] {
            #expect(throws: MediaError.self) {
                try SoundDecoder(SoundStreamInfo(codec: codec, sampleRate: 8000, channelCount: 1))
            }
        }
    }
}
