import EngineContract
import Foundation
import StreamProtocols
import Testing

@testable import MediaServer

/// Those who may not do what they try. In the suite of the others, whose tests take turns.
extension EngineLiveTests {
    @Test func loginsAreCheckedAndSlowedDown() async throws {
        var configuration = EngineRig.configuration()
        configuration.rtspAuthMethods = [.digest, .basic]
        configuration.authInternalUsers = [
            AuthInternalUser(user: "any", permissions: [.init(action: .publish), .init(action: .read, path: "b")]),
            AuthInternalUser(user: "viewer", pass: "se:cret", permissions: [.init(action: .read, path: "a")]),
        ]
        try await EngineRig.run(configuration) { rig in
            let port = try #require(rig.ports.rtsp)
            let publisher = try await RTSPTestClient(port: port)
            try await publisher.publish(rig.url("a"))
            let viewer = try await RTSPTestClient(port: port)
            let asked = try await viewer.request(.describe, rig.url("a"))
            #expect(asked.status == .unauthorized)
            let challenges = asked.headers.all("WWW-Authenticate")
            #expect(challenges.count == 2)

            let wrong = BasicCredentials(user: "viewer", password: "guess")
            let start = ContinuousClock.now
            let refused = try await viewer.request(.describe, rig.url("a"), ["Authorization": wrong.authorization])
            #expect(refused.status == .unauthorized)
            #expect(ContinuousClock.now - start >= LoginThrottle.firstDelay)

            let right = BasicCredentials(user: "viewer", password: "se:cret")
            let byBasic = try await viewer.request(.describe, rig.url("a"), ["Authorization": right.authorization])
            #expect(byBasic.status == .ok)

            // A nonce is used on its own connection only, and the newest one counts.
            let challenge = try #require(
                refused.headers.all("WWW-Authenticate").lazy.compactMap(DigestChallenge.parse).first)
            let digest = challenge.authorization(
                for: right, method: "DESCRIBE", uri: rig.url("a"), cnonce: "c"
            ).authorization
            #expect(try await viewer.request(.describe, rig.url("a"), ["Authorization": digest]).status == .ok)
            let other = try await RTSPTestClient(port: port)
            #expect(try await other.request(.describe, rig.url("a"), ["Authorization": digest]).status == .unauthorized)
            // The digest of another method does not open this one.
            let setUp = try await viewer.request(
                .setup, rig.url("a") + "/trackID=0",
                ["Authorization": digest, "Transport": "RTP/AVP/TCP;unicast;interleaved=0-1"])
            #expect(setUp.status == .unauthorized)
        }
    }

    @Test func hostileBytesAreBounded() async throws {
        var configuration = EngineRig.configuration()
        configuration.readTimeout = .milliseconds(500)
        try await EngineRig.run(configuration) { rig in
            let port = try #require(rig.ports.rtsp)
            let hostile: [[UInt8]] = [
                Array("GET / HTTP/1.1\r\n\r\n".utf8),
                [UInt8](repeating: 0x41, count: 200_000),
                Array("OPTIONS * RTSP/1.0\r\n".utf8) + Array(String(repeating: "X: y\r\n", count: 10_000).utf8),
                Array("ANNOUNCE rtsp://x/a RTSP/1.0\r\nCSeq: 1\r\nContent-Length: 999999999\r\n\r\n".utf8),
                [0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xFC, 0x03, 0x03],
                Array("OPTIONS * RTSP/1.0\r\nCSeq: 1".utf8),
                [0x24, 0, 0xFF, 0xFF, 1, 2, 3],
                [],
            ]
            await withTaskGroup(of: Void.self) { group in
                for bytes in hostile {
                    group.addTask {
                        // The server may close while the bytes are still being sent.
                        guard let client = try? await RTSPTestClient(port: port) else { return }
                        try? await client.send(bytes)
                        try? await client.waitUntilClosed()
                    }
                }
            }
            // All of them were closed, and the engine serves on.
            let client = try await RTSPTestClient(port: port)
            #expect(try await client.request(.options, rig.url("a")).status == .ok)
        }
    }

    /// Frames and requests of a stranger, half ones too, don't keep a connection.
    @Test func onlyASessionKeepsAConnection() async throws {
        var configuration = EngineRig.configuration()
        configuration.readTimeout = .seconds(2)
        try await EngineRig.run(configuration) { rig in
            let port = try #require(rig.ports.rtsp)
            for bytes in [[0x24, 0, 0, 1, 0], Array("OPTIONS * RTSP/1.0\r\n".utf8), Array("\r\n".utf8)] as [[UInt8]] {
                let stranger = try await RTSPTestClient(port: port)
                let clock = Stopwatch()
                clock.mark()
                while clock.elapsed < .seconds(20), (try? await stranger.send(bytes)) != nil {
                    try await Task.sleep(for: .milliseconds(50))
                }
                #expect(clock.elapsed < .seconds(10), "\(bytes)")
            }
            // A publisher whose frames are media stays, and one whose frames are of a channel that is not set up goes.
            let publisher = try await RTSPTestClient(port: port)
            try await publisher.publish(rig.url("a"))
            let other = try await RTSPTestClient(port: port)
            try await other.publish(rig.url("b"))
            var pictures = TestPictures()
            for _ in 0..<60 {
                try await publisher.send(pictures.next())
                try? await other.send([0x24, 7, 0, 1, 0])
                try await Task.sleep(for: .milliseconds(50))
            }
            #expect(try await rig.waitForPath("b") { !$0.isAvailable })
            #expect(try await rig.paths().first { $0.name == "a" }?.isAvailable == true)
        }
    }

    /// 63 kB of payload types took three seconds, on the loop that all viewers wait for.
    @Test func aStrangersDescriptionIsNotRead() async throws {
        var configuration = EngineRig.configuration()
        configuration.authInternalUsers = [
            AuthInternalUser(user: "p", pass: "p", permissions: [.init(action: .publish)])
        ]
        try await EngineRig.run(configuration) { rig in
            let types = (0..<6000).map { String($0 % 128) }.joined(separator: " ")
            let maps = (0..<1500).map { "a=rtpmap:\($0 % 128) X\($0)/1\r\n" }.joined()
            let body = "v=0\r\ns=-\r\nt=0 0\r\nm=video 0 RTP/AVP \(types)\r\n\(maps)"
            let clock = Stopwatch()
            clock.mark()
            for _ in 0..<20 {
                let client = try await RTSPTestClient(port: try #require(rig.ports.rtsp))
                let answer = try await client.request(
                    .announce, rig.url("a"), ["Content-Type": "application/sdp"], body: String(body.prefix(63_000)))
                #expect(answer.status == .unauthorized)
                try await client.close()
            }
            #expect(clock.elapsed < .seconds(3))
        }
    }

    @Test func aPublisherIsToldWhatIsWrong() async throws {
        try await EngineRig.run(EngineRig.configuration()) { rig in
            let client = try await RTSPTestClient(port: try #require(rig.ports.rtsp))
            for (map, mention) in [
                ("H264/9223372036854775807", "90000"), ("H264/0", "90000"), ("X/-1", "payload type 96"),
            ] {
                let body = "v=0\r\ns=-\r\nt=0 0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 \(map)\r\n"
                let answer = try await client.request(
                    .announce, rig.url("a"), ["Content-Type": "application/sdp"], body: body)
                // A malformed `rtpmap` is none, so the type is one that nothing is known of.
                #expect(answer.status == .badRequest)
                #expect(String(decoding: answer.body, as: UTF8.self).contains(mention))
            }
            let other = try await client.request(.describe, rig.url("a"))
            #expect(String(decoding: other.body, as: UTF8.self) == "no stream is available on path 'a'\n")
        }
    }

    /// Asking for names that only `all_others` fits leaves nothing behind.
    @Test func pathsThatAreOnlyAskedForAreForgotten() async throws {
        try await EngineRig.run(EngineRig.configuration(["all_others": .init()])) { rig in
            let client = try await RTSPTestClient(port: try #require(rig.ports.rtsp))
            for number in 0..<50 {
                #expect(try await client.request(.describe, rig.url("x\(number)")).status == .notFound)
            }
            let body = "v=0\r\ns=-\r\nt=0 0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
            let announced = try await client.request(
                .announce, rig.url("y"), ["Content-Type": "application/sdp"], body: body)
            #expect(announced.status == .ok)
            let program = Program("curl", ["-s", "http://127.0.0.1:\(rig.ports.hls ?? 0)/z/index.m3u8"])
            _ = try await program.run()
            #expect(try await rig.paths().isEmpty)
        }
    }

    /// What was allowed at ANNOUNCE is looked at again at RECORD: a path that was removed since is not published unseen.
    @Test func recordChecksThePathAgain() async throws {
        try await EngineRig.run(EngineRig.configuration(["a": .init()])) { rig in
            let publisher = try await RTSPTestClient(port: try #require(rig.ports.rtsp))
            let body = """
                v=0\r\ns=-\r\nt=0 0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:streamid=0\r\n
                """
            let announced = try await publisher.request(
                .announce, rig.url("a"), ["Content-Type": "application/sdp"], body: body)
            #expect(announced.status == .ok)
            let setUp = try await publisher.request(
                .setup, rig.url("a") + "/streamid=0",
                ["Transport": "RTP/AVP/TCP;unicast;interleaved=0-1;mode=record"])
            #expect(setUp.status == .ok)
            #expect(try await rig.api("DELETE", "/v3/config/paths/delete/a").status == 200)
            #expect(try await publisher.request(.record, rig.url("a")).status == .notFound)
        }
    }

    /// A page that is opened on this machine may do what this machine may, unless it is kept out.
    @Test func webPagesDontUseTheControlAPI() async throws {
        var configuration = EngineRig.configuration()
        configuration.apiAllowOrigins = ["*", "http://panel.example"]
        try await EngineRig.run(configuration) { rig in
            let address = "127.0.0.1:\(rig.ports.api ?? 0)"
            for (headers, status) in [
                (["Content-Type: application/json", "Origin: http://evil.example"], 403),
                (["Content-Type: application/json", "Host: evil.example"], 403),
                (["Content-Type: application/json", "Sec-Fetch-Site: cross-site"], 403),
                (["Content-Type: text/plain"], 415), (["Content-Type:"], 415),
                (["Content-Type: application/json; charset=utf-8", "Origin: http://panel.example"], 200),
                (["Content-Type: application/json", "Origin: http://\(address)"], 200),
                (["Content-Type: application/json", "Host: panel.example"], 200),
            ] {
                _ = try await rig.api("DELETE", "/v3/config/paths/delete/c")
                let program = Program(
                    "curl",
                    headers.flatMap { ["-H", $0] } + [
                        "-s", "-m", "10", "-d", #"{"runOnDemand": "touch /tmp/x"}"#, "-o", "/dev/null", "-w",
                        "%{http_code}", "http://\(address)/v3/config/paths/add/c",
                    ])
                #expect(String(decoding: try await program.run().output, as: UTF8.self) == "\(status)", "\(headers)")
            }
            // What a page may ask, it may not read.
            for (origin, isAllowed) in [("http://evil.example", false), ("http://panel.example", true)] {
                let program = Program("curl", ["-s", "-i", "-H", "Origin: \(origin)", "http://\(address)/v3/info"])
                let answer = String(decoding: try await program.run().output, as: UTF8.self).lowercased()
                #expect(answer.contains("access-control-allow-origin: \(origin)") == isAllowed)
                #expect(!answer.contains("access-control-allow-origin: *"))
            }
        }
    }
}
