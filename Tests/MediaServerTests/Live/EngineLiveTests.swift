import EngineContract
import Foundation
import StreamProtocols
import Testing

@testable import MediaServer

/// A whole engine on the loopback interface.
@Suite(.serialized, .timeLimit(.minutes(2))) struct EngineLiveTests {
    @Test func aNewViewerGetsTheGroupOfPicturesAtOnce() async throws {
        try await EngineRig.run(EngineRig.configuration()) { rig in
            let port = try #require(rig.ports.rtsp)
            let publisher = try await RTSPTestClient(port: port)
            #expect(try await publisher.publish(rig.url("a")).status == .ok)
            var pictures = TestPictures()
            for _ in 0..<7 { try await publisher.send(pictures.next()) }
            #expect(try await rig.waitForPath("a") { ($0.bytesReceived ?? 0) > 7 * 4000 })

            // Nothing more is published: what comes is what was kept.
            let viewer = try await RTSPTestClient(port: port)
            let played = try await viewer.play(rig.url("a"))
            let header = try #require(played.headers["RTP-Info"])
            let info = try #require(RTPInfo.parse(header).first)
            var depacketizer = H264Depacketizer()
            var units: [Sample] = []
            var packets: [RTPPacket] = []
            while units.count < 7 {
                let packet = try await viewer.packet()
                packets.append(packet)
                units += try depacketizer.depacketize(packet)
            }
            #expect(packets.first?.sequenceNumber == info.sequenceNumber)
            #expect(packets.first?.timestamp == info.rtpTime)
            #expect(units.map(\.isRandomAccess) == [true] + Array(repeating: false, count: 6))
            let paths = try await rig.paths()
            let path = try #require(paths.first { $0.name == "a" })
            #expect(path.isAvailable)
            #expect(path.tracks == ["H264"])
            #expect(path.readers.map(\.type) == ["rtspSession"])
            #expect(path.source?.type == "rtspSession")
        }
    }

    @Test func withoutAPublisherThereIsNothing() async throws {
        try await EngineRig.run(EngineRig.configuration()) { rig in
            let client = try await RTSPTestClient(port: try #require(rig.ports.rtsp))
            #expect(try await client.request(.describe, rig.url("a")).status == .notFound)
            #expect(try await client.request(.describe, rig.url("unknown")).status == .notFound)
            #expect(try await client.request(.describe, rig.url("a/../b")).status == .badRequest)
            #expect(try await client.request(.options, rig.url("a")).status == .ok)
        }
    }

    @Test func viewersSurviveAnotherPublisher() async throws {
        try await EngineRig.run(EngineRig.configuration()) { rig in
            let port = try #require(rig.ports.rtsp)
            let first = try await RTSPTestClient(port: port)
            try await first.publish(rig.url("a"))
            var pictures = TestPictures()
            try await first.send(pictures.next())
            #expect(try await rig.waitForPath("a") { ($0.bytesReceived ?? 0) > 4000 })
            let viewer = try await RTSPTestClient(port: port)
            try await viewer.play(rig.url("a"))
            var last = try await viewer.packet()
            while !last.marker { last = try await viewer.packet() }
            try await first.close()
            #expect(try await rig.waitForPath("a") { !$0.isAvailable && $0.readers.count == 1 })

            let second = try await RTSPTestClient(port: port)
            #expect(try await second.publish(rig.url("a")).status == .ok)
            var others = TestPictures()
            try await second.send(others.next())
            let next = try await viewer.packet()
            #expect(next.ssrc == last.ssrc)
            #expect(next.sequenceNumber == last.sequenceNumber &+ 1)
            #expect(Int32(bitPattern: next.timestamp &- last.timestamp) > 0)

            // And one that takes over while the other is still there.
            let third = try await RTSPTestClient(port: port)
            #expect(try await third.publish(rig.url("a")).status == .ok)
            try await second.waitUntilClosed()
            try await third.send(others.next())
        }
    }

    @Test func changedSettingsDisturbOnlyTheirPath() async throws {
        var configuration = EngineRig.configuration()
        configuration.authInternalUsers = [
            AuthInternalUser(user: "any", permissions: [.init(action: .publish), .init(action: .api)]),
            AuthInternalUser(
                user: "any", permissions: [.init(action: .read, path: "a"), .init(action: .read, path: "b")]),
        ]
        try await EngineRig.run(configuration) { rig in
            let port = try #require(rig.ports.rtsp)
            var publishers: [RTSPTestClient] = []
            var viewers: [RTSPTestClient] = []
            for path in ["a", "b"] {
                let publisher = try await RTSPTestClient(port: port)
                try await publisher.publish(rig.url(path))
                publishers.append(publisher)
                let viewer = try await RTSPTestClient(port: port)
                #expect(try await viewer.play(rig.url(path)).status == .ok)
                viewers.append(viewer)
            }
            #expect(try await rig.api("PATCH", "/v3/config/paths/patch/b", body: #"{"maxReaders": 3}"#).status == 200)
            try await viewers[1].waitUntilClosed()
            try await publishers[1].waitUntilClosed()
            var pictures = TestPictures()
            try await publishers[0].send(pictures.next())
            _ = try await viewers[0].packet()

            // What can't be applied changes nothing.
            for (path, body) in [
                ("/v3/config/paths/patch/a", #"{"maxReaders": "many"}"#),
                ("/v3/config/paths/patch/a", #"{"bogus": 1}"#),
                ("/v3/config/paths/add/a", "{}"), ("/v3/config/paths/add/x..%2F..", "{}"),
                ("/v3/config/paths/add/~(", "{}"),
                ("/v3/config/paths/add/c", "[1]"), ("/v3/config/global/patch", #"{"rtspAddress": ":1"}"#),
                ("/v3/config/global/patch", #"{"authInternalUsers": [{"user": "x", "ips": ["nowhere"]}]}"#),
            ] {
                let method = path.contains("patch") ? "PATCH" : "POST"
                #expect(try await rig.api(method, path, body: body).status == 400, "\(path) \(body)")
            }
            try await publishers[0].send(pictures.next())
            _ = try await viewers[0].packet()
            #expect(try await rig.api("POST", "/v3/config/paths/add/c/d", body: "{}").status == 200)
            #expect(try await rig.api("DELETE", "/v3/config/paths/delete/c/d").status == 200)
            #expect(try await rig.api("DELETE", "/v3/config/paths/delete/c/d").status == 404)

            // A viewer that loses its permission is removed; the publisher keeps its own.
            let users =
                #"{"authInternalUsers": [{"user": "any", "permissions": [{"action": "publish"}, {"action": "api"}]}]}"#
            #expect(try await rig.api("PATCH", "/v3/config/global/patch", body: users).status == 200)
            try await viewers[0].waitUntilClosed()
            try await publishers[0].send(pictures.next())
            #expect(try await rig.paths().first { $0.name == "a" }?.isAvailable == true)
        }
    }

    @Test func secretsAreNotShown() async throws {
        var configuration = EngineRig.configuration()
        var server = ICEServer(url: "turn:turn.example")
        server.username = "u"
        server.password = "s3cret-ice"
        configuration.webrtcICEServers2 = [server]
        configuration.authInternalUsers.append(AuthInternalUser(user: "a", pass: "s3cret-user", permissions: []))
        try await EngineRig.run(configuration) { rig in
            let body = String(decoding: try await rig.api("GET", "/v3/config/global/get").body, as: UTF8.self)
            #expect(body.contains("turn.example") && !body.contains("s3cret"))
        }
    }

    @Test func sessionsAreListedAndKicked() async throws {
        try await EngineRig.run(EngineRig.configuration()) { rig in
            let port = try #require(rig.ports.rtsp)
            let publisher = try await RTSPTestClient(port: port)
            try await publisher.publish(rig.url("a"))
            let viewer = try await RTSPTestClient(port: port)
            try await viewer.play(rig.url("a"))
            let sessions = try await rig.api("GET", "/v3/rtspsessions/list")
                .decoded(ControlAPI.Page<ControlAPI.RTSPSession>.self).items
            #expect(sessions.map(\.state).sorted() == ["publish", "read"])
            let reading = try #require(sessions.first { $0.state == "read" })
            #expect(reading.transport == "TCP")
            #expect(try await rig.api("POST", "/v3/rtspsessions/kick/\(reading.id)").status == 200)
            try await viewer.waitUntilClosed()
            #expect(try await rig.api("POST", "/v3/rtspsessions/kick/\(reading.id)").status == 404)
            #expect(
                try await rig.api("GET", "/v3/paths/list?page=7&itemsPerPage=1").decoded(
                    ControlAPI.Page<ControlAPI.Path>.self
                ).items.isEmpty)
            #expect(try await rig.api("GET", "/v3/paths/list?itemsPerPage=0").status == 400)
            #expect(try await rig.api("POST", "/v3/paths/list").status == 405)
            #expect(try await rig.api("GET", "/v4/paths/list").status == 404)
        }
    }

    @Test func shutdownTellsViewersGoodbye() async throws {
        let start = Stopwatch()
        try await EngineRig.run(EngineRig.configuration()) { rig in
            let port = try #require(rig.ports.rtsp)
            let publisher = try await RTSPTestClient(port: port)
            try await publisher.publish(rig.url("a"))
            let viewer = try await RTSPTestClient(port: port)
            try await viewer.play(rig.url("a"))
            start.mark()
            await rig.stop()
            var gotGoodbye = false
            while let message = try? await viewer.next() {
                guard case .interleaved(1, let payload) = message else { continue }
                for case .goodbye in try RTCPPacket.parseCompound(payload) { gotGoodbye = true }
            }
            #expect(gotGoodbye)
        }
        #expect(start.elapsed < .seconds(2))
    }

    @Test func aTakenPortIsNamed() async throws {
        var configuration = EngineRig.configuration()
        configuration.srt = true
        try await EngineRig.run(configuration) { [configuration] rig in
            for (key, port) in [
                ("rtspAddress", rig.ports.rtsp), ("rtmpAddress", rig.ports.rtmp), ("srtAddress", rig.ports.srt),
                ("hlsAddress", rig.ports.hls), ("apiAddress", rig.ports.api),
            ] {
                var second = configuration
                let address = "127.0.0.1:\(port ?? 0)"
                switch key {
                case "rtspAddress": second.rtspAddress = address
                case "rtmpAddress": second.rtmpAddress = address
                case "srtAddress": second.srtAddress = address
                case "hlsAddress": second.hlsAddress = address
                default: second.apiAddress = address
                }
                await #expect(throws: MediaServerError.portTaken(key: key, address: address)) {
                    try await EngineRig.run(second) { _ in Issue.record("two engines listen on one port") }
                }
            }
        }
    }
}
