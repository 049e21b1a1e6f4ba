import StreamModel
import Testing

@testable import ControlPlane

@Suite struct OutputSoundTests {
    private static let aac = AudioSummary(codec: "aac", sampleRate: 16_000, channels: 1)

    private func sound(
        _ published: [SoundStatus], by protocol: String = "hls", audio: String = "auto", cameras: [CameraStatus] = []
    ) throws -> OutputSound {
        let output: JSONValue = ["id": "o", "protocol": .string(`protocol`), "audio": .string(audio)]
        let resolved = try #require(try Sample.transmission("t", outputs: [output]).servedOutputs.first)
        return OutputSound(of: resolved, published, from: cameras)
    }

    private func sound(
        _ published: AudioSummary?, by protocol: String = "hls", audio: String = "auto", cameras: [CameraStatus] = []
    ) throws -> OutputSound {
        let copied = published.map { [SoundStatus($0, .copied, bitrateKbps: 32)] } ?? []
        return try sound(copied, by: `protocol`, audio: audio, cameras: cameras)
    }

    private func camera(_ audio: AudioSummary?, sound: String? = "") -> CameraStatus {
        var status = CameraStatus(cameraID: "c", state: .live)
        (status.audio, status.sound) = (audio, sound)
        return status
    }

    @Test func whatIsPublishedIsHeardWhereTheProtocolCarriesIt() throws {
        let heard = try sound(Self.aac)
        #expect(heard.message?.text == "As the camera sends it: AAC, 16 kHz, mono, 32 kb/s.")
        #expect(
            heard.members["audio"] == [
                "codec": "aac", "sample_rate": 16_000, "channels": 1, "bitrate_kbps": 32.0,
            ])
        let opus = AudioSummary(codec: "opus", sampleRate: 48_000, channels: 2)
        #expect(try sound(opus, by: "rtsp").status != nil)
        let silent = try sound(opus)
        #expect(silent.message?.code == "sound_not_carried" && silent.members["audio"] == .null)
    }

    /// A path that is shared with WebRTC has a sound for it behind that of the others.
    @Test func eachViewerHearsTheFirstThatItsProtocolCarries() throws {
        let published = [
            SoundStatus(Self.aac, .encoded),
            SoundStatus(AudioSummary(codec: "opus", sampleRate: 48_000, channels: 1), .silent),
        ]
        #expect(try sound(published, by: "rtsp").message?.text == "Encoded: AAC, 16 kHz, mono.")
        #expect(try sound(published).message?.code == "sound_encoded")
        #expect(
            try sound(published, by: "webrtc").message?.text
                == "Silence, as the output asks for: Opus, 48 kHz, mono.")
    }

    @Test func whyNothingIsHeardIsTold() throws {
        #expect(try sound(Self.aac, audio: "off").message?.code == "sound_off")
        #expect(try sound(nil, cameras: [camera(nil)]).message?.code == "sound_none")
        let other = AudioSummary(codec: "vorbis", sampleRate: 48_000, channels: 2)
        #expect(try sound(nil, cameras: [camera(other)]).message?.code == "sound_of_other_kind")
        // It was not read yet.
        #expect(try sound(nil, cameras: [camera(nil, sound: nil)]).message == nil)
        #expect(OutputSound().members["sound"] == .null)
    }
}
