import EngineContract
import Foundation
import StreamProtocols
import Testing

@testable import MediaServer

/// A whole engine whose path `a` is H.265 and has the same beside it in H.264, and viewers by WebRTC on the loopback interface.
@Suite(.serialized, .timeLimit(.minutes(2))) struct WebRTCH265LiveTests {
    private func run(
        _ paths: [String], _ body: @escaping @Sendable (EngineRig, RTSPTestClient) async throws -> Void
    ) async throws {
        let settings = Dictionary(uniqueKeysWithValues: paths.map { ($0, PathConfiguration()) })
        try await EngineRig.run(EngineRig.configuration(settings)) { rig in
            let publisher = try await Self.publish("a", .h265, rig)
            try await body(rig, publisher)
        }
    }

    /// A publisher that has sent a group of pictures.
    private static func publish(_ path: String, _ codec: VideoCodec, _ rig: EngineRig) async throws -> RTSPTestClient {
        let publisher = try await RTSPTestClient(port: try #require(rig.ports.rtsp))
        #expect(try await publisher.publish(rig.url(path), codec).status == .ok)
        var pictures = TestPictures(codec)
        for _ in 0..<7 { try await publisher.send(pictures.next()) }
        #expect(try await rig.waitForPath(path) { ($0.bytesReceived ?? 0) > 7 * pictures.byteCount })
        return publisher
    }

    private func sessionPaths(_ rig: EngineRig) async throws -> [String] {
        try await rig.webRTCSessions().map(\.path)
    }

    @Test func whoTakesH265IsSentItWithItsParameterSets() async throws {
        try await run(["a", "a.h264"]) { rig, _ in
            let viewer = try await WebRTCTestClient(rig, takesH265: true)
            try await viewer.offer(to: "a", rig)
            #expect(try await sessionPaths(rig) == ["a"])
            try await viewer.connect()
            var depacketizer = H265Depacketizer()
            var units: [Sample] = []
            while units.count < 7 {
                let packet = try await viewer.packet()
                #expect(packet.payloadType == 98 && packet.payload.count <= RTPPayloadSize.webRTC)
                units += try depacketizer.depacketize(packet)
            }
            #expect(units.map(\.isRandomAccess) == [true] + Array(repeating: false, count: 6))
            #expect(units[0].nalUnits.prefix(3).map { [UInt8]($0) } == TestPictures.h265.nalUnits)
        }
    }

    @Test func whoDoesNotIsSentTheSameInH264() async throws {
        try await run(["a", "a.h264"]) { rig, _ in
            let publisher = try await Self.publish("a.h264", .h264, rig)
            let viewer = try await WebRTCTestClient(rig)
            try await viewer.offer(to: "a", rig)
            #expect(try await sessionPaths(rig) == ["a.h264"])
            try await viewer.connect()
            var depacketizer = H264Depacketizer()
            var units: [Sample] = []
            while units.count < 7 { units += try depacketizer.depacketize(try await viewer.packet()) }
            #expect(units.first?.isRandomAccess == true)
            // Its address is that which it was asked for at.
            let url = "http://127.0.0.1:\(rig.ports.webRTC ?? 0)\(viewer.location)"
            #expect(viewer.location.hasPrefix("/a/whep/"))
            let arguments = ["-s", "-m", "10", "-o", "/dev/null", "-w", "%{http_code}", "-X", "DELETE", url]
            #expect(String(decoding: try await Program("curl", arguments).run().output, as: UTF8.self) == "200")
            #expect(try await sessionPaths(rig).isEmpty)
            try await publisher.close()
        }
    }

    /// It is held until somebody publishes that, as at any path.
    @Test func whoDoesNotWaitsForTheSameInH264() async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "h264-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: file) }
        var onDemand = PathConfiguration()
        onDemand.runOnDemand = "/bin/sh -c 'echo > \(file); exec sleep 60'"
        onDemand.runOnDemandCloseAfter = .seconds(1)
        try await EngineRig.run(EngineRig.configuration(["a": .init(), "a.h264": onDemand])) { rig in
            let first = try await Self.publish("a", .h265, rig)
            async let opened: Void = {
                try await WebRTCTestClient(rig).offer(to: "a", rig)
            }()
            while !FileManager.default.fileExists(atPath: file) { try await Task.sleep(for: .milliseconds(20)) }
            let second = try await Self.publish("a.h264", .h264, rig)
            try await opened
            #expect(try await sessionPaths(rig) == ["a.h264"])
            try await first.close()
            try await second.close()
        }
    }

    @Test func whoMayNotReadTheSameInH264IsRefusedAsWithout() async throws {
        var configuration = EngineRig.configuration(["a": .init(), "a.h264": .init()])
        configuration.authInternalUsers = [
            AuthInternalUser(
                user: "any",
                permissions: [.init(action: .publish), .init(action: .api), .init(action: .read, path: "a")])
        ]
        try await EngineRig.run(configuration) { rig in
            let publishers = [
                try await Self.publish("a", .h265, rig), try await Self.publish("a.h264", .h264, rig),
            ]
            let refused = await #expect(throws: WebRTCTestClient.Failure.self) {
                try await WebRTCTestClient(rig).offer(to: "a", rig)
            }
            #expect(refused?.what.contains("HTTP/1.1 422") == true)
            for publisher in publishers { try await publisher.close() }
        }
    }

    @Test func withoutTheSameInH264ItIsRefused() async throws {
        try await run(["a"]) { rig, _ in
            let refused = await #expect(throws: WebRTCTestClient.Failure.self) {
                try await WebRTCTestClient(rig).offer(to: "a", rig)
            }
            #expect(refused?.what.contains("HTTP/1.1 422") == true && refused?.what.contains("(H265)") == true)
        }
    }
}
