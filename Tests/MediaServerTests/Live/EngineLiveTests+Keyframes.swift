import EngineContract
import StreamProtocols
import Testing

@testable import MediaServer

/// What viewers need of a publisher goes up to it.
extension EngineLiveTests {
    @Test func aViewersLossOfThePictureIsToldToThePublisher() async throws {
        try await EngineRig.run(EngineRig.configuration()) { rig in
            let port = try #require(rig.ports.rtsp)
            let publisher = try await RTSPTestClient(port: port)
            try await publisher.publish(rig.url("a"))
            var pictures = TestPictures()
            try await publisher.send(pictures.next())
            #expect(try await rig.waitForPath("a") { ($0.bytesReceived ?? 0) > 4000 })
            let viewer = try await RTSPTestClient(port: port)
            try await viewer.play(rig.url("a"))
            let packet = try await viewer.packet()

            // What can't be read harms nobody, and a report alone is no wish.
            let feedback: [[UInt8]] = [
                [], [0x81, 206], [0x84, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0, 0, 1], [0x81, 206, 0xFF, 0xFF, 0, 0, 0, 1],
                RTCPPacket.serializeCompound([.receiverReport(.init(ssrc: 7))]),
                RTCPPacket.serializeCompound([
                    .receiverReport(.init(ssrc: 7)), .pictureLossIndication(.init(ssrc: 7, mediaSSRC: packet.ssrc)),
                ]),
            ]
            for bytes in feedback {
                try await viewer.send([0x24, 1, 0, UInt8(bytes.count)] + bytes)
            }
            // It is asked by its own numbers, in a compound that begins with a report (RFC 3550 §6.1).
            var asked: [RTCPPacket] = []
            while asked.isEmpty {
                if case .interleaved(1, let payload) = try await publisher.next() {
                    asked = try RTCPPacket.parseCompound(payload)
                }
            }
            guard case .receiverReport = asked.first, case .pictureLossIndication(let indication) = asked.last else {
                Issue.record("not a request for a keyframe: \(asked)")
                return
            }
            #expect(indication.mediaSSRC == pictures.ssrc)
            // Who is watching goes on watching.
            try await publisher.send(pictures.next())
            _ = try await viewer.packet()
        }
    }
}
