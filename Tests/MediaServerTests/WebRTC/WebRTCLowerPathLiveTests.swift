import EngineContract
import Foundation
import StreamProtocols
import Testing

@testable import MediaServer

/// A whole engine whose path `a` has the same in fewer bits at `b`, and a viewer by WebRTC on the loopback interface whose line stays bad.
@Suite(.serialized, .timeLimit(.minutes(2))) struct WebRTCLowerPathLiveTests {
    /// Both paths, their publishers, and the viewer.
    private final class Scene {
        let rig: EngineRig
        let viewer: WebRTCTestClient
        private let publishers: [RTSPTestClient]
        private var pictures = TestPictures()
        /// The last packet that the viewer got, and how many.
        private var last: RTPPacket
        private var receivedCount = 1

        /// A viewer that gets its first packet of `a`.
        init(_ rig: EngineRig) async throws {
            self.rig = rig
            let port = try #require(rig.ports.rtsp)
            publishers = [try await RTSPTestClient(port: port), try await RTSPTestClient(port: port)]
            for (publisher, path) in zip(publishers, ["a", "b"]) {
                #expect(try await publisher.publish(rig.url(path)).status == .ok)
            }
            let picture = pictures.next()
            for publisher in publishers { try await publisher.send(picture) }
            viewer = try await WebRTCTestClient(rig)
            try await viewer.offer(to: "a", rig)
            try await viewer.connect()
            last = try await viewer.packet()
        }

        func send() async throws {
            let picture = pictures.next()
            // Whose path is gone is closed.
            for publisher in publishers { try? await publisher.send(picture) }
            try await Task.sleep(for: .milliseconds(40))
        }

        func session() async throws -> ControlAPI.WebRTCSession {
            try #require(try await rig.webRTCSessions().first)
        }

        /// Says that the line carries next to nothing until the viewer is sent `b`.
        func makeLineBad() async throws {
            let low = RTCPPacket.receiverEstimate(
                RTCPReceiverEstimate(ssrc: 1, bitsPerSecond: 1, sources: [last.ssrc]))
            while try await session().path == "a" {
                try await viewer.send(low)
                try await send()
            }
        }

        /// Sends pictures until the viewer is sent some of them, and looks at what it got.
        func expectTracksGoOn() async throws {
            let sent = try await session().rtpPacketsSent
            while try await session().rtpPacketsSent == sent { try await send() }
            let total = try await session().rtpPacketsSent
            while receivedCount < total {
                let packet = try await viewer.packet()
                receivedCount += 1
                #expect(packet.ssrc == last.ssrc && packet.sequenceNumber == last.sequenceNumber &+ 1)
                // Both streams begin at random; between two pictures there is some time at most.
                #expect(packet.timestamp &- last.timestamp < 90_000 * 20)
                last = packet
            }
        }
    }

    private static func run(_ body: @escaping @Sendable (Scene) async throws -> Void) async throws {
        var upper = PathConfiguration()
        upper.webrtcLowerPath = "b"
        try await EngineRig.run(EngineRig.configuration(["a": upper, "b": .init()])) { rig in
            try await body(try await Scene(rig))
        }
    }

    @Test func itIsSentThePathWithFewerBitsAndItsTracksGoOn() async throws {
        try await Self.run { scene in
            try await scene.makeLineBad()
            let session = try await scene.session()
            #expect(session.path == "b" && (session.picturesLeftOut ?? 0) > 0)
            try await scene.expectTracksGoOn()
            // Its address is that which it was asked for at.
            #expect(scene.viewer.location.hasPrefix("/a/whep/"))
            #expect(try await scene.rig.waitForPath("a") { $0.readers.isEmpty })
            #expect(try await scene.rig.waitForPath("b") { $0.readers.map(\.id) == [session.id] })
        }
    }

    /// What may happen to the path that it was moved to, as a request to the control API.
    struct Change: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var method: String
        var path: String
        var body: String?
    }

    @Test(arguments: [
        Change(testDescription: "it is taken away", method: "DELETE", path: "/v3/config/paths/delete/b"),
        Change(
            testDescription: "it is no longer the same", method: "PATCH", path: "/v3/config/paths/patch/a",
            body: #"{"webrtcLowerPath": null}"#),
        Change(
            testDescription: "it is closed to the viewer", method: "PATCH", path: "/v3/config/global/patch",
            body: #"""
                {"authInternalUsers": [
                    {"user": "any", "permissions": [
                        {"action": "publish"}, {"action": "api"}, {"action": "read", "path": "a"}]}]}
                """#),
    ])
    func whenThatPathIsNoMoreForItTheViewerGetsAgainWhatItHadToLeave(_ change: Change) async throws {
        try await Self.run { scene in
            try await scene.makeLineBad()
            let id = try await scene.session().id
            #expect(try await scene.rig.api(change.method, change.path, body: change.body).status == 200)
            let session = try await scene.session()
            #expect(session.id == id && session.path == "a")
            try await scene.expectTracksGoOn()
        }
    }

    @Test func withoutThePathThatItAskedForItEnds() async throws {
        try await Self.run { scene in
            try await scene.makeLineBad()
            #expect(try await scene.rig.api("DELETE", "/v3/config/paths/delete/a").status == 200)
            #expect(try await scene.rig.webRTCSessions().isEmpty)
            #expect(try await scene.rig.waitForPath("b") { $0.readers.isEmpty })
        }
    }
}
