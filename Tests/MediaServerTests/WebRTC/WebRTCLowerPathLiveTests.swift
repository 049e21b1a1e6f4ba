import EngineContract
import Foundation
import StreamProtocols
import Testing

@testable import MediaServer

/// A whole engine whose path `a` has the same in fewer bits at `b`, and viewers by WebRTC on the loopback interface.
@Suite(.serialized, .timeLimit(.minutes(2))) struct WebRTCLowerPathLiveTests {
    @Test("a viewer whose line stays bad is sent the path with fewer bits, and its tracks go on")
    func aLineThatStaysBad() async throws {
        var upper = PathConfiguration()
        upper.webrtcLowerPath = "b"
        try await EngineRig.run(EngineRig.configuration(["a": upper, "b": .init()])) { rig in
            let port = try #require(rig.ports.rtsp)
            let publishers = [try await RTSPTestClient(port: port), try await RTSPTestClient(port: port)]
            for (publisher, path) in zip(publishers, ["a", "b"]) {
                #expect(try await publisher.publish(rig.url(path)).status == .ok)
            }
            var pictures = TestPictures()
            func send() async throws {
                let picture = pictures.next()
                for publisher in publishers { try await publisher.send(picture) }
                try await Task.sleep(for: .milliseconds(40))
            }
            try await send()
            let viewer = try await WebRTCTestClient(rig)
            try await viewer.offer(to: "a", rig)
            try await viewer.connect()
            let first = try await viewer.packet()
            let low = RTCPPacket.receiverEstimate(
                RTCPReceiverEstimate(ssrc: 1, bitsPerSecond: 1, sources: [first.ssrc]))
            while try await rig.webRTCSessions().first?.path == "a" {
                try await viewer.send(low)
                try await send()
            }
            let session = try #require(try await rig.webRTCSessions().first)
            #expect(session.path == "b" && (session.picturesLeftOut ?? 0) > 0)
            while try await rig.webRTCSessions().first?.rtpPacketsSent == session.rtpPacketsSent { try await send() }
            let total = try #require(try await rig.webRTCSessions().first?.rtpPacketsSent)
            var last = first
            for _ in 1..<total {
                let packet = try await viewer.packet()
                #expect(packet.ssrc == first.ssrc && packet.sequenceNumber == last.sequenceNumber &+ 1)
                // Both streams begin at random; between two pictures there is some time at most.
                #expect(packet.timestamp &- last.timestamp < 90_000 * 20)
                last = packet
            }
            // Its address is that which it was asked for at.
            #expect(viewer.location.hasPrefix("/a/whep/"))
        }
    }
}
