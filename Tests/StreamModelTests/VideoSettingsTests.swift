import StreamModel
import Testing

@Suite("Encoder settings of an output")
struct VideoSettingsTests {
    private func output(_ members: [String: JSONValue]) throws -> TransmissionOutput {
        let members = members.merging(["id": "o"]) { $1 }
        return try #require(try Transmission(json: ["id": "t", "outputs": [.object(members)]]).outputs.first)
    }

    private static let all: [String: JSONValue] = [
        "protocol": "rtsp", "bitrate_kbps": 2000, "profile": "main", "quality": "good", "keyframe_interval": 50,
        "slices": 4, "bitrate_mode": "vbr", "max_bitrate_kbps": 3000, "fit": "cover",
    ]

    @Test("all of them are read, told, and part of the encoding")
    func roundTrip() throws {
        let output = try output(Self.all)
        #expect(
            output.video
                == VideoSettings(
                    profile: .main, quality: .good, keyframeInterval: 50, slices: 4, maximumBitrateKbps: 3000,
                    fit: .cover))
        let told = output.json(.hidden).objectValue ?? [:]
        for (name, value) in Self.all { #expect(told[name] == value, "\(name)") }
        #expect(Encoding(of: output).video == output.video)
    }

    @Test("an output that says nothing leaves all to the server, and a camera may be copied for it")
    func nothing() throws {
        let video = try output(["protocol": "hls"]).video
        #expect(video == .automatic)
        #expect(!video.requiresEncoding)
    }

    @Test(
        "what only an encoder has is encoded; quality and shape matter only where something is encoded",
        arguments: [
            (["profile": "high"], true), (["keyframe_interval": 12], true), (["intra_refresh_period": 12], true),
            (["slices": 1], true), (["bitrate_kbps": 800, "bitrate_mode": "cbr"], true),
            (["bitrate_kbps": 800, "max_bitrate_kbps": 900], true), (["quality": "best"], false),
            (["fit": "stretch"], false),
        ] as [([String: JSONValue], Bool)])
    func encodes(members: [String: JSONValue], expected: Bool) throws {
        #expect(try output(members.merging(["protocol": "rtsp"]) { $1 }).video.requiresEncoding == expected)
    }

    static let refused: [([String: JSONValue], String, String)] = [
        (
            ["protocol": "rtsp", "keyframe_interval": 12, "intra_refresh_period": 12], "intra_refresh_period",
            "intra_refresh_or_keyframes"
        ),
        (["protocol": "hls", "intra_refresh_period": 12], "intra_refresh_period", "intra_refresh_by_rtsp_alone"),
        (["protocol": "webrtc", "intra_refresh_period": 12], "intra_refresh_period", "intra_refresh_by_rtsp_alone"),
        (["protocol": "hls", "slices": 2, "encoder": "auto"], "slices", "encoder_setting_of_cpu"),
        (
            ["protocol": "rtsp", "intra_refresh_period": 9, "encoder": "nvenc"], "intra_refresh_period",
            "encoder_setting_of_cpu"
        ),
        (["protocol": "hls", "bitrate_mode": "cbr"], "bitrate_mode", "bitrate_missing"),
        (["protocol": "hls", "max_bitrate_kbps": 900], "max_bitrate_kbps", "bitrate_missing"),
        (["protocol": "hls", "max_bitrate_kbps": 900, "bitrate_kbps": 901], "max_bitrate_kbps", "bitrate_maximum"),
        (
            ["protocol": "hls", "max_bitrate_kbps": 900, "bitrate_kbps": 800, "bitrate_mode": "cbr"],
            "max_bitrate_kbps", "bitrate_maximum"
        ),
        (["protocol": "hls", "profile": "high10"], "profile", "field_none_of_these"),
        (["protocol": "hls", "slices": 17], "slices", "field_too_large"),
        (["protocol": "hls", "keyframe_interval": 0], "keyframe_interval", "field_too_small"),
    ]

    @Test("what contradicts itself is refused at its field", arguments: refused)
    func refusals(members: [String: JSONValue], field: String, code: String) {
        let error = #expect(throws: ValidationError.self) { try output(members) }
        #expect(error?.issues.first?.location == ["body", "outputs", 0, .member(field)])
        #expect(error?.issues.first?.json["code"] == .string(code))
    }
}
