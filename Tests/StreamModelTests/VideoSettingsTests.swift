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
        "max_b_frames": 2, "slices": 4, "bitrate_mode": "vbr", "max_bitrate_kbps": 3000, "fit": "cover",
    ]

    @Test("all of them are read, told, and part of the encoding")
    func roundTrip() throws {
        let output = try output(Self.all)
        #expect(
            output.picture.video
                == VideoSettings(
                    profile: .main, quality: .good, keyframeInterval: 50, maximumBFrames: 2, slices: 4,
                    maximumBitrateKbps: 3000, fit: .cover))
        let told = output.json(.hidden).objectValue ?? [:]
        for (name, value) in Self.all { #expect(told[name] == value, "\(name)") }
        #expect(Encoding(of: output).video == output.picture.video)
    }

    @Test("an output that says nothing leaves all to the server, and a camera may be copied for it")
    func nothing() throws {
        let video = try output(["protocol": "hls"]).picture.video
        #expect(video == .automatic)
        #expect(!video.requiresEncoding)
    }

    @Test(
        "what only an encoder has is encoded; quality and shape matter only where something is encoded",
        arguments: [
            (["profile": "high"], true), (["keyframe_interval": 12], true), (["intra_refresh_period": 12], true),
            (["slices": 1], true), (["bitrate_kbps": 800, "bitrate_mode": "cbr"], true),
            (["bitrate_kbps": 800, "max_bitrate_kbps": 900], true), (["quality": "best"], false),
            (["fit": "stretch"], false), (["codec": "h265"], false), (["max_b_frames": 2], false),
        ] as [([String: JSONValue], Bool)])
    func encodes(members: [String: JSONValue], expected: Bool) throws {
        #expect(try output(members.merging(["protocol": "rtsp"]) { $1 }).picture.video.requiresEncoding == expected)
    }

    @Test("a destination has all that an output has, and the same of it makes the same encoding but for its codec")
    func destinations() throws {
        var members = Self.all.merging([
            "resolution": ["width": 640, "height": 360], "fps_limit": 30, "latency_profile": "low",
            "encoder": "cpu", "placeholder_text": false,
        ]) { $1 }
        let output = try output(members)
        members["protocol"] = nil
        members["kind"] = "rtmp"
        members["address"] = "rtmp://host/app"
        let destination = try StreamDestination(json: .object(members))
        #expect(destination.picture == output.picture)
        let told = destination.json(.hidden).objectValue ?? [:]
        for (name, value) in members { #expect(told[name] == value, "\(name)") }
        var encoding = Encoding(of: output)
        encoding.video.codec = .h264
        #expect(Encoding(of: destination) == encoding)
        #expect(try StreamDestination(json: destination.json) == destination, "as workers are told")
    }

    @Test(
        "a destination is refused what contradicts itself too, and intra-refresh where a service cuts at keyframes",
        arguments: [
            (["kind": "rtmp", "intra_refresh_period": 9], "intra_refresh_period", "intra_refresh_not_by_rtmp"),
            (["kind": "rtmps", "bitrate_mode": "cbr"], "bitrate_mode", "bitrate_missing"),
            (["kind": "srt", "slices": 2, "encoder": "auto"], "slices", "encoder_setting_of_cpu"),
            (["kind": "srt", "intra_refresh_period": 9], nil, nil),
            (["kind": "rtsp", "intra_refresh_period": 9], nil, nil),
            (["kind": "rtmp", "codec": "h265"], "codec", "codec_not_by_rtmp"),
            (["kind": "rtmp", "codec": "h264", "max_b_frames": 2], nil, nil),
            (["kind": "srt", "codec": "h265"], nil, nil), (["kind": "rtsp", "codec": "h265"], nil, nil),
        ] as [([String: JSONValue], String?, String?)])
    func destinationRefusals(members: [String: JSONValue], field: String?, code: String?) throws {
        let kind = members["kind"]?.stringValue ?? ""
        let json = JSONValue.object(members.merging(["address": .string("\(kind)://host:9000/app")]) { $1 })
        var issues: [ValidationIssue] = []
        do { _ = try StreamDestination(json: json) } catch { issues = error.issues }
        let place: [[LocationComponent]] = field.map { [["body", .member($0)]] } ?? []
        #expect(issues.map(\.location) == place)
        #expect(issues.map(\.coded.code) == (code.map { [$0] } ?? []))
    }

    @Test("rates are what a running encoding takes on; all else makes another one")
    func rates() throws {
        let before = Encoding(of: try output(Self.all)).withoutRates
        func after(_ changes: [String: JSONValue]) throws -> Encoding {
            Encoding(of: try output(Self.all.merging(changes) { $1 })).withoutRates
        }
        for rates: [String: JSONValue] in [
            ["fps_limit": 5], ["bitrate_kbps": 500], ["bitrate_kbps": .null, "max_bitrate_kbps": .null],
            ["max_bitrate_kbps": 2500], ["bitrate_mode": "cbr", "max_bitrate_kbps": .null],
        ] { #expect(try after(rates) == before, "\(rates)") }
        for others: [String: JSONValue] in [
            ["profile": "high"], ["quality": "best"], ["keyframe_interval": 49], ["slices": 3], ["fit": "contain"],
            ["codec": "h264"], ["max_b_frames": 1],
            ["resolution": ["width": 64, "height": 64]], ["latency_profile": "low"], ["placeholder_text": false],
        ] { #expect(try after(others) != before, "\(others)") }
    }

    static let refused: [([String: JSONValue], String, String)] = [
        (
            ["protocol": "rtsp", "keyframe_interval": 12, "intra_refresh_period": 12], "intra_refresh_period",
            "intra_refresh_or_keyframes"
        ),
        (["protocol": "hls", "intra_refresh_period": 12], "intra_refresh_period", "intra_refresh_by_rtsp_alone"),
        (["protocol": "webrtc", "intra_refresh_period": 12], "intra_refresh_period", "intra_refresh_by_rtsp_alone"),
        (["protocol": "hls", "slices": 2, "encoder": "auto"], "slices", "encoder_setting_of_cpu"),
        (["protocol": "hls", "max_b_frames": 2, "encoder": "auto"], "max_b_frames", "encoder_setting_of_cpu"),
        (["protocol": "webrtc", "max_b_frames": 1], "max_b_frames", "b_frames_not_by_webrtc"),
        (["protocol": "rtsp", "max_b_frames": 1, "profile": "baseline"], "max_b_frames", "b_frames_not_in_baseline"),
        (["protocol": "webrtc", "codec": "h265"], "codec", "codec_not_by_webrtc"),
        (["protocol": "rtsp", "codec": "h265", "encoder": "nvenc"], "codec", "codec_of_cpu"),
        (["protocol": "rtsp", "codec": "h265", "profile": "main"], "profile", "profile_of_h264"),
        (
            ["protocol": "rtsp", "codec": "h265", "intra_refresh_period": 12], "intra_refresh_period",
            "intra_refresh_of_h264"
        ),
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

    @Test(
        "who shares a path takes what its first output asks for",
        arguments: [
            (["codec": "h265"], "webrtc", false), (["max_b_frames": 2], "webrtc", false),
            (["intra_refresh_period": 9], "hls", false), (["codec": "h265", "max_b_frames": 2], "hls", true),
            (["codec": "h264", "max_b_frames": 0], "webrtc", true),
        ] as [([String: JSONValue], String, Bool)])
    func sharedPaths(first: [String: JSONValue], second: String, isFine: Bool) throws {
        let first = first.merging(["id": "a", "protocol": "rtsp", "path": "door"]) { $1 }
        let second: JSONValue = ["id": "b", "protocol": .string(second), "path": "door"]
        var issues: [ValidationIssue] = []
        do { _ = try Transmission(json: ["id": "t", "outputs": [.object(first), second]]) } catch {
            issues = error.issues
        }
        #expect(issues.map(\.coded.code) == (isFine ? [] : ["output_shares_path"]))
    }

    @Test("HLS of a codec that players look for in fragmented MP4 is packed so")
    func fragments() throws {
        func paths(_ codec: JSONValue, _ name: String) throws -> Set<String> {
            try Transmission(
                json: [
                    "id": "t", "path": "door", "outputs": [["id": "o", "protocol": .string(name), "codec": codec]],
                ]
            ).fragmentedPaths
        }
        #expect(try paths("h265", "hls") == ["door"])
        #expect(try paths("h264", "hls").isEmpty && paths(.null, "hls").isEmpty && paths("h265", "rtsp").isEmpty)
        // The first output of a path decides about its codec.
        func shared(_ first: JSONValue, _ second: JSONValue) throws -> Set<String> {
            try Transmission(
                json: [
                    "id": "t",
                    "outputs": [
                        ["id": "a", "protocol": "rtsp", "path": "door", "codec": first],
                        ["id": "b", "protocol": "hls", "path": "door", "codec": second],
                    ],
                ]
            ).fragmentedPaths
        }
        #expect(try shared("h265", .null) == ["door"] && shared(.null, "h265").isEmpty)
    }
}
