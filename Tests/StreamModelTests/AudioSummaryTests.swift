import StreamModel
import Testing

@Suite struct AudioSummaryTests {
    @Test(arguments: [
        (AudioSummary(codec: "aac", sampleRate: 16_000, channels: 1), "AAC, 16 kHz, mono"),
        (AudioSummary(codec: "pcm_mulaw", sampleRate: 8000, channels: 1), "G.711 µ-law, 8 kHz, mono"),
        (AudioSummary(codec: "adpcm_g726le", sampleRate: 8000, channels: 1), "G.726, 8 kHz, mono"),
        (AudioSummary(codec: "opus", sampleRate: 48_000, channels: 2), "Opus, 48 kHz, stereo"),
        (AudioSummary(codec: "pcm_s16be", sampleRate: 44_100, channels: 2), "PCM, 44.1 kHz, stereo"),
        (AudioSummary(codec: "vorbis", sampleRate: 11_025, channels: 6), "VORBIS, 11 kHz, 6 channels"),
        // What a session description says of MP3.
        (AudioSummary(codec: "mp3", sampleRate: 0, channels: 0), "MP3"),
    ]) func isDescribedInAFewWords(audio: AudioSummary, text: String) {
        #expect(audio.described().text == text)
    }

    @Test func whatWasMeasuredIsTold() {
        let audio = AudioSummary(codec: "aac", sampleRate: 16_000, channels: 1)
        let described = audio.described(bitrateKbps: 31.6)
        #expect(described.text == "AAC, 16 kHz, mono, 32 kb/s")
        #expect(described.code == "sound_format_bitrate" && described.parameters["kbps"] == 32)
        #expect(audio.described(bitrateKbps: .infinity).parameters["kbps"] == 1_000_000)
    }
}
