import EngineContract
import Foundation
import Testing

@testable import MediaServer

/// Who publishes by RTMP, as the control API tells it, with ffmpeg in the place of a program.
@Suite(.serialized, .timeLimit(.minutes(2))) struct RTMPConnectionListTests {
    private func connections(_ rig: EngineRig) async throws -> [ControlAPI.RTMPConnection] {
        try await rig.api("GET", "/v3/rtmpconns/list").decoded(ControlAPI.Page<ControlAPI.RTMPConnection>.self).items
    }

    @Test(.enabled(if: Program.isInstalled("ffmpeg"))) func aPublisherIsListedAndKicked() async throws {
        var configuration = EngineRig.configuration(["live/phone": .init()])
        configuration.authInternalUsers = [
            AuthInternalUser(user: "any", permissions: [.init(action: .read), .init(action: .api)]),
            AuthInternalUser(user: "phone", pass: "its-own-key", permissions: [.init(action: .publish)]),
        ]
        try await EngineRig.run(configuration) { rig in
            #expect(try await connections(rig).isEmpty)
            let address = "rtmp://127.0.0.1:\(rig.ports.rtmp ?? 0)/live/phone?user=phone&pass=its-own-key"
            let ffmpeg = try Program(
                "ffmpeg",
                [
                    "-nostdin", "-loglevel", "error", "-re", "-f", "lavfi", "-i", "testsrc2=size=320x240:rate=25", "-t",
                    "60", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "25", "-f", "flv",
                    address,
                ]
            ).start()
            defer { ffmpeg.terminate() }
            #expect(
                try await rig.waitForPath("live/phone", within: .seconds(20)) {
                    $0.isAvailable && ($0.bytesReceived ?? 0) > 20_000
                })
            let listed = try await rig.api("GET", "/v3/rtmpconns/list")
            let body = String(decoding: listed.body, as: UTF8.self)
            #expect(!body.contains("its-own-key"))
            let publisher = try #require(try await connections(rig).first)
            #expect(publisher.state == "publish" && publisher.path == "live/phone")
            #expect(publisher.bytesReceived > 20_000 && publisher.bytesSent > 3000)
            #expect(publisher.remoteAddr.hasPrefix("127.0.0.1:"))
            let source = try await rig.paths().first { $0.name == "live/phone" }?.source
            #expect(source == .init(type: "rtmpConn", id: publisher.id))
            let one = try await rig.api("GET", "/v3/rtmpconns/get/\(publisher.id)")
            #expect(try one.decoded(ControlAPI.RTMPConnection.self).id == publisher.id)
            #expect(try await rig.api("GET", "/v3/rtmpconns/get/nobody").status == 404)
            #expect(try await rig.api("GET", "/v3/rtmpconns/kick/\(publisher.id)").status == 405)

            #expect(try await rig.api("POST", "/v3/rtmpconns/kick/\(publisher.id)").status == 200)
            #expect(try await rig.waitForPath("live/phone", within: .seconds(20)) { !$0.isAvailable })
            var left = try await connections(rig)
            while left.contains(where: { $0.id == publisher.id }) {
                try await Task.sleep(for: .milliseconds(50))
                left = try await connections(rig)
            }
            #expect(try await rig.api("POST", "/v3/rtmpconns/kick/\(publisher.id)").status == 404)
        }
    }
}
