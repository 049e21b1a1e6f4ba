import StreamModel
import Testing

@Suite("Sound of outputs")
struct AudioSettingsTests {
    private func output(_ members: [String: JSONValue]) throws -> TransmissionOutput {
        try #require(
            try Transmission(json: ["id": "t", "outputs": [.object(members.merging(["id": "o"]) { $1 })]]).outputs.first
        )
    }

    @Test("what is asked for is read and told again")
    func roundTrip() throws {
        let plain = try output(["protocol": "hls"])
        #expect(plain.audio == .auto)
        #expect(plain.json["audio"] == "auto" && plain.json["audio_bitrate_kbps"] == .null)
        let asked = try output([
            "protocol": "rtsp", "audio": "aac", "audio_bitrate_kbps": 96, "audio_sample_rate": "44100",
            "audio_channels": 2,
        ])
        #expect(asked.audio == AudioSettings(.aac, bitrateKbps: 96, sampleRate: 44_100, channelCount: 2))
        #expect(try TransmissionOutput(json: asked.json) == asked)
    }

    /// The protocol, what is asked for, the field that is wrong, its code, and what the sentence says.
    static let refused: [([String: JSONValue], String, String, String)] = [
        (
            ["protocol": "hls", "audio": "opus"], "audio", "audio_not_carried",
            "HLS carries no Opus. Choose aac, mp3, or auto."
        ),
        (
            ["protocol": "hls", "audio": "pcma"], "audio", "audio_not_carried",
            "HLS carries no G.711. Choose aac, mp3, or auto."
        ),
        (
            ["protocol": "webrtc", "audio": "aac"], "audio", "audio_not_carried",
            "WebRTC carries no AAC. Choose opus, pcmu, pcma, or auto."
        ),
        (
            ["protocol": "webrtc", "audio": "mp3"], "audio", "audio_not_carried",
            "WebRTC carries no MP3. Choose opus, pcmu, pcma, or auto."
        ),
        (
            ["protocol": "rtsp", "audio": "opus", "audio_sample_rate": 44_100], "audio_sample_rate",
            "audio_sample_rate",
            "Opus has no 44100 Hz, but 8000, 12000, 16000, 24000, 48000."
        ),
        (
            ["protocol": "webrtc", "audio_sample_rate": 44_100], "audio_sample_rate", "audio_sample_rate",
            "Opus has no 44100 Hz, but 8000, 12000, 16000, 24000, 48000."
        ),
        (
            ["protocol": "rtsp", "audio": "aac", "audio_sample_rate": 8001], "audio_sample_rate", "audio_sample_rate",
            "AAC has no 8001 Hz, but 8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000."
        ),
        (
            ["protocol": "rtsp", "audio": "pcmu", "audio_sample_rate": 16_000], "audio_sample_rate",
            "audio_sample_rate",
            "G.711 has no 16000 Hz, but 8000."
        ),
        (
            ["protocol": "rtsp", "audio": "pcmu", "audio_bitrate_kbps": 64], "audio_bitrate_kbps", "audio_g711_fixed",
            "G.711 is always mono, and has 64 kbit/s."
        ),
        (
            ["protocol": "rtsp", "audio": "pcma", "audio_channels": 2], "audio_channels", "audio_g711_fixed",
            "G.711 is always mono, and has 64 kbit/s."
        ),
        (
            ["protocol": "rtsp", "audio": "aac", "audio_bitrate_kbps": 97, "audio_sample_rate": 8000],
            "audio_bitrate_kbps",
            "audio_bitrate", "AAC of this sample rate and these channels has 8 to 96 kbit/s."
        ),
        (
            ["protocol": "rtsp", "audio": "opus", "audio_bitrate_kbps": 300, "audio_channels": 1], "audio_bitrate_kbps",
            "audio_bitrate", "Opus of this sample rate and these channels has 8 to 256 kbit/s."
        ),
        (
            ["protocol": "hls", "audio": "mp3", "audio_bitrate_kbps": 16], "audio_bitrate_kbps", "audio_bitrate",
            "MP3 of this sample rate and these channels has 32 to 320 kbit/s."
        ),
        (
            ["protocol": "rtsp", "audio": "copy", "audio_bitrate_kbps": 64], "audio_bitrate_kbps",
            "audio_nothing_to_choose",
            "With audio 'copy' there is no bitrate, sample rate, or number of channels to choose."
        ),
        (
            ["protocol": "rtsp", "audio": "silence", "audio_channels": 2], "audio_channels", "audio_nothing_to_choose",
            "With audio 'silence' there is no bitrate, sample rate, or number of channels to choose."
        ),
        (
            ["protocol": "rtsp", "audio": "off", "audio_sample_rate": 8000], "audio_sample_rate",
            "audio_nothing_to_choose",
            "With audio 'off' there is no bitrate, sample rate, or number of channels to choose."
        ),
    ]

    @Test("what a protocol or a codec does not have is refused with a sentence", arguments: refused)
    func refusals(members: [String: JSONValue], field: String, code: String, sentence: String) {
        let error = #expect(throws: ValidationError.self) { try output(members) }
        #expect(error?.issues.map(\.message) == [sentence])
        #expect(error?.issues.first?.location == ["body", "outputs", 0, .member(field)])
        #expect(error?.issues.first?.json["code"] == .string(code))
    }

    @Test(
        "bitrates are 8 to 320, rates 8000 to 48000, and channels one or two",
        arguments: [
            ("audio_bitrate_kbps", 7), ("audio_bitrate_kbps", 321), ("audio_sample_rate", 7999),
            ("audio_sample_rate", 48_001),
            ("audio_channels", 0), ("audio_channels", 3),
        ])
    func ranges(field: String, value: Int) {
        let error = #expect(throws: ValidationError.self) {
            try output(["protocol": "rtsp", "audio": "aac", field: .integer(value)])
        }
        #expect(error?.issues.first?.location == ["body", "outputs", 0, .member(field)])
    }

    @Test(
        "what each protocol carries can be chosen",
        arguments: [
            ("rtsp", ["auto", "off", "copy", "aac", "opus", "mp3", "pcmu", "pcma", "silence"]),
            ("hls", ["auto", "off", "copy", "aac", "mp3", "silence"]),
            ("webrtc", ["auto", "off", "copy", "opus", "pcmu", "pcma", "silence"]),
        ])
    func choices(outputProtocol: String, choices: [String]) throws {
        for choice in AudioChoice.allCases.map(\.rawValue) {
            let read = try? output(["protocol": .string(outputProtocol), "audio": .string(choice)])
            #expect((read?.audio.choice.rawValue == choice) == choices.contains(choice), "\(choice)")
        }
    }
}
