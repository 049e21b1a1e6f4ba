import StreamModel
import Testing

@Suite("Engine paths and encodings (contract A.1)")
struct EnginePathTests {
    private func paths(_ outputs: JSONValue) throws -> [String] {
        try Transmission(json: ["id": "t", "path": "x", "outputs": outputs]).resolvedOutputs.map(\.enginePath)
    }

    @Test("one enabled output takes the transmission's path")
    func single() throws {
        #expect(
            try paths([["id": "a", "protocol": "hls"], ["id": "b", "protocol": "rtsp", "enabled": false]]) == ["x"])
    }

    @Test("equal encodings and credentials share the transmission's path")
    func shared() throws {
        #expect(try paths([["id": "a", "protocol": "hls"], ["id": "b", "protocol": "rtsp"]]) == ["x", "x"])
    }

    @Test("60 and 120 fps are one encoding, because 60 is the limit (a bug of the reference)")
    func cappedRates() throws {
        let outputs: JSONValue = [
            ["id": "a", "protocol": "hls", "fps_limit": 60], ["id": "b", "protocol": "rtsp", "fps_limit": 120],
        ]
        #expect(try paths(outputs) == ["x", "x"])
    }

    @Test("different encodings or credentials get paths of their own")
    func separate() throws {
        #expect(
            try paths([["id": "a", "protocol": "hls"], ["id": "b", "protocol": "rtsp", "fps_limit": 5]]) == [
                "x-a", "x-b",
            ])
        for difference: JSONValue in [
            ["id": "b", "protocol": "rtsp", "encoder": "auto"],
            ["id": "b", "protocol": "rtsp", "placeholder_text": false],
            ["id": "b", "protocol": "rtsp", "audio": "off"],
            ["id": "b", "protocol": "rtsp", "audio_bitrate_kbps": 64],
            ["id": "b", "protocol": "rtsp", "audio_sample_rate": 16_000],
            ["id": "b", "protocol": "rtsp", "audio_channels": 2],
            ["id": "b", "protocol": "rtsp", "metadata": true],
        ] {
            #expect(try paths([["id": "a", "protocol": "hls"], difference]) == ["x-a", "x-b"])
        }
        let guarded: JSONValue = ["enabled": true, "username": "u", "password": "p"]
        #expect(
            try paths([["id": "a", "protocol": "hls", "authentication": guarded], ["id": "b", "protocol": "rtsp"]])
                == ["x-a", "x-b"])
    }

    @Test("metadata is seen on a path when every output of it asks for that")
    func metadata() throws {
        func paths(_ outputs: JSONValue) throws -> Set<String> {
            try Transmission(json: ["id": "t", "path": "x", "outputs": outputs]).metadataPaths
        }
        #expect(try paths([["id": "a", "protocol": "hls"]]).isEmpty)
        #expect(
            try paths([
                ["id": "a", "protocol": "hls", "metadata": true], ["id": "b", "protocol": "rtsp", "metadata": true],
            ]) == ["x"])
        #expect(
            try paths([["id": "a", "protocol": "hls", "metadata": true], ["id": "b", "protocol": "rtsp"]])
                == ["x-a"])
        // Whoever says that both are one path.
        #expect(
            try paths([
                ["id": "a", "protocol": "hls", "path": "y", "metadata": true],
                ["id": "b", "protocol": "rtsp", "path": "y"],
            ]).isEmpty)
        #expect(
            try paths([["id": "a", "protocol": "hls", "metadata": true, "enabled": false]]).isEmpty, "it is off")
    }

    @Test("credentials that lack a part are none")
    func halfCredentials() throws {
        let half: JSONValue = ["enabled": true, "username": "u"]
        #expect(
            try paths([["id": "a", "protocol": "hls", "authentication": half], ["id": "b", "protocol": "rtsp"]])
                == ["x", "x"])
    }

    @Test("a path of its own comes first, and separates the others")
    func direct() throws {
        #expect(
            try paths([["id": "a", "protocol": "hls", "path": "My Cam"], ["id": "b", "protocol": "rtsp"]])
                == ["my-cam", "x-b"])
    }

    @Test(
        "who can't play H.265 by WebRTC has a path of its own where a camera's may be passed on",
        arguments: [
            (["protocol": "webrtc"], ["protocol": "rtsp"], false, ["x": "x.h264"]),
            (["protocol": "rtsp"], ["protocol": "rtsp"], true, [:]),
            (["protocol": "hls"], ["protocol": "rtsp"], true, [:]),
            // Those who watch the same by HLS keep it at H.264, unless somebody forces it.
            (["protocol": "webrtc"], ["protocol": "hls"], false, [:]),
            (["protocol": "webrtc"], ["protocol": "hls"], true, ["x": "x.h264"]),
            (["protocol": "webrtc", "audio": "off"], ["protocol": "hls"], false, [:]),
            (["protocol": "webrtc"], ["protocol": "hls", "fps_limit": 5], false, ["x-a": "x-a.h264"]),
            (["protocol": "webrtc", "codec": "h264"], ["protocol": "rtsp"], true, [:]),
            (["protocol": "webrtc", "keyframe_interval": 50], ["protocol": "rtsp"], true, [:]),
        ] as [(JSONValue, JSONValue, Bool, [String: String])])
    func h264(first: JSONValue, second: JSONValue, isCopyForced: Bool, expected: [String: String]) throws {
        let outputs = zip(["a", "b"], [first, second]).map { id, output in
            JSONValue.object((output.objectValue ?? [:]).merging(["id": .string(id)]) { $1 })
        }
        let transmission = try Transmission(json: ["id": "t", "path": "x", "outputs": .array(outputs)])
        #expect(transmission.h264Paths(isCopyForced: isCopyForced) == expected)
    }

    @Test("that path has a name that the engine takes, or there is none")
    func h264Names() throws {
        func paths(_ length: Int) throws -> [String: String] {
            let path = String(repeating: "x", count: length)
            let output: JSONValue = ["id": "w", "protocol": "webrtc"]
            return try Transmission(json: ["id": "t", "path": .string(path), "outputs": [output]])
                .h264Paths(isCopyForced: false)
        }
        #expect(try paths(507).values.allSatisfy { PathName.problem(with: $0) == nil } && paths(507).count == 1)
        #expect(try paths(508).isEmpty)
        #expect(Slug.make("x.h264") != "x.h264", "no path that a user names is the same")
    }

    @Test(
        "viewers by WebRTC have a path with fewer bits where another output offers the same to the same people",
        arguments: [
            ([:], ["resolution": ["width": 640, "height": 360]], ["x-a": "x-b"]),
            (["bitrate_kbps": 4000], ["bitrate_kbps": 800], ["x-a": "x-b"]),
            (["bitrate_kbps": 800], [:], ["x-b": "x-a"]), ([:], ["fps_limit": 5], [:]),
            // Smaller, and yet not less.
            (["bitrate_kbps": 500], ["resolution": ["width": 640, "height": 360], "bitrate_kbps": 900], [:]),
            ([:], ["resolution": ["width": 640, "height": 360], "protocol": "hls"], [:]),
            ([:], ["resolution": ["width": 640, "height": 360], "audio": "off"], [:]),
            ([:], ["resolution": ["width": 640, "height": 360], "metadata": true], [:]),
            ([:], ["resolution": ["width": 640, "height": 360], "codec": "h264"], [:]),
            (
                [:],
                [
                    "resolution": ["width": 640, "height": 360],
                    "authentication": ["enabled": true, "username": "ana", "password": "hunter2!"],
                ], [:]
            ),
        ] as [(JSONValue, JSONValue, [String: String])])
    func lower(first: JSONValue, second: JSONValue, expected: [String: String]) throws {
        let outputs = zip(["a", "b"], [first, second]).map { id, output in
            JSONValue.object(
                (output.objectValue ?? [:]).merging(["id": .string(id), "protocol": "webrtc"]) { own, _ in own })
        }
        let transmission = try Transmission(json: ["id": "t", "path": "x", "outputs": .array(outputs)])
        #expect(transmission.lowerPaths == expected)
    }

    @Test("of several it is the best that has less")
    func lowerOfMany() throws {
        let outputs: [JSONValue] = [
            ["id": "a", "protocol": "webrtc"],
            ["id": "b", "protocol": "webrtc", "resolution": ["width": 320, "height": 180]],
            ["id": "c", "protocol": "webrtc", "resolution": ["width": 960, "height": 540]],
            ["id": "d", "protocol": "webrtc", "resolution": ["width": 640, "height": 360]],
        ]
        let transmission = try Transmission(json: ["id": "t", "path": "x", "outputs": .array(outputs)])
        #expect(transmission.lowerPaths == ["x-a": "x-c", "x-c": "x-d", "x-d": "x-b"])
    }

    @Test("a transmission without enabled outputs is served as `default`")
    func none() throws {
        let served = try Transmission(json: ["id": "t", "path": "x"]).servedOutputs
        #expect(served.map(\.key) == ["t:default"])
        #expect(served[0].encoding == Encoding(width: 1280, height: 720, fps: 12))
    }

    @Test(
        "sizes become even and stay in bounds, rates stay in bounds",
        arguments: [
            (["width": 1281, "height": 719], 1280, 718), (["width": 1, "height": 1], 16, 16),
            (["width": 7680, "height": 4320], 7680, 4320), (["width": 641, "height": 361], 640, 360),
        ] as [(JSONValue, Int, Int)])
    func sizes(resolution: JSONValue, width: Int, height: Int) throws {
        let output = try TransmissionOutput(json: ["protocol": "hls", "resolution": resolution, "fps_limit": 120])
        let encoding = Encoding(of: output)
        #expect(encoding.width == width && encoding.height == height && encoding.fps == 60)
    }
}
