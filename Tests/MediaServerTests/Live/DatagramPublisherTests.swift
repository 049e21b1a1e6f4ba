import EngineContract
import StreamProtocols
import Testing

@testable import MediaServer

/// Publishing by UDP.
@Suite(.serialized, .timeLimit(.minutes(2))) struct DatagramPublisherTests {
    private func transport(_ ports: RTSPTransport.PortPair) -> String {
        "RTP/AVP/UDP;unicast;client_port=\(ports.rtp)-\(ports.rtcp);mode=record"
    }

    /// Publishes path `a` by UDP, and returns its connection.
    private func publish(_ rig: EngineRig, by peer: DatagramTestPeer) async throws -> RTSPTestClient {
        let client = try await RTSPTestClient(port: try #require(rig.ports.rtsp))
        let answer = try await client.publish(rig.url("a"), transport: transport(peer.ports))
        try #require(answer.status == .ok)
        return client
    }

    /// A viewer of path `a`, and the pictures that it gets.
    private func view(_ rig: EngineRig) async throws -> RTSPTestClient {
        let viewer = try await RTSPTestClient(port: try #require(rig.ports.rtsp))
        #expect(try await viewer.play(rig.url("a")).status == .ok)
        return viewer
    }

    /// The last byte of the next `count` pictures of a viewer, which tells which they are.
    private func pictures(_ count: Int, of viewer: RTSPTestClient) async throws -> [UInt8] {
        var depacketizer = H264Depacketizer()
        var numbers: [UInt8] = []
        while numbers.count < count {
            numbers += try depacketizer.depacketize(await viewer.packet()).compactMap { $0.nalUnits.last?.last }
        }
        return numbers
    }

    @Test func whatPassedOtherPacketsIsInItsPlaceAgain() async throws {
        try await EngineRig.run(EngineRig.configuration()) { rig in
            let peer = try await DatagramTestPeer()
            let client = try await publish(rig, by: peer)
            let viewer = try await view(rig)
            var source = NumberedPictures()
            var packets = (0..<20).flatMap { _ in source.next() }
            // The first one says where the order begins.
            for index in stride(from: 1, to: packets.count - 2, by: 3) { packets.swapAt(index, index + 2) }
            try await peer.send(packets.flatMap { [$0, $0] }, to: rig.ports.rtp)
            #expect(try await pictures(20, of: viewer) == Array(0..<20))
            let sessions = try await rig.api("GET", "/v3/rtspsessions/list")
                .decoded(ControlAPI.Page<ControlAPI.RTSPSession>.self).items
            #expect(sessions.first { $0.state == "publish" }?.transport == "UDP")
            try await client.close()
            try await peer.close()
        }
    }

    /// A picture of which a packet is lost is left out, the next ones are not waited for long, and the publisher is told.
    @Test func lossesCostTheirPictureAndAreReported() async throws {
        try await EngineRig.run(EngineRig.configuration()) { rig in
            let peer = try await DatagramTestPeer()
            let client = try await publish(rig, by: peer)
            let viewer = try await view(rig)
            var source = NumberedPictures()
            var packets = (0..<10).map { _ in source.next() }
            packets[4].remove(at: 1)
            try await peer.send(packets.flatMap(\.self), to: rig.ports.rtp)
            // Nothing follows that would push the last ones out: the clock does.
            #expect(try await pictures(9, of: viewer) == [0, 1, 2, 3, 5, 6, 7, 8, 9])
            let report = try await peer.report()
            guard case .receiverReport(let receiver) = report.first, case .sourceDescription = report.last else {
                Issue.record("not a report: \(report)")
                return
            }
            let block = try #require(receiver.reportBlocks.first)
            #expect(block.ssrc == source.ssrc && block.cumulativeLost == 1 && block.fractionLost > 0)
            try await client.close()
            try await peer.close()
        }
    }

    @Test func packetsFromAnywhereElseAreNobodys() async throws {
        try await EngineRig.run(EngineRig.configuration()) { rig in
            let peer = try await DatagramTestPeer()
            let stranger = try await DatagramTestPeer()
            let client = try await publish(rig, by: peer)
            var (source, forged) = (NumberedPictures(), NumberedPictures())
            var expected = 0
            // Few enough for the sockets' buffers, however slowly they are read.
            for _ in 0..<5 {
                for packet in forged.next() { try await stranger.send(packet, to: rig.ports.rtp) }
                // The right address, the wrong port, and what is no packet at all.
                try await peer.send(report: forged.next()[0], to: rig.ports.rtp)
                for bytes in [[], [0x80], [UInt8](repeating: 0x80, count: 9000)] {
                    try await stranger.send(bytes, to: rig.ports.rtp)
                    try await stranger.send(report: bytes, to: rig.ports.rtcp)
                }
                for packet in source.next() {
                    expected += packet.count
                    try await peer.send(packet, to: rig.ports.rtp)
                }
            }
            // Too long to be taken, whoever sends it.
            try await peer.send([0x80] + [UInt8](repeating: 0, count: 8999), to: rig.ports.rtp)
            let viewer = try await view(rig)
            #expect(try await rig.waitForPath("a") { $0.bytesReceived ?? 0 >= expected })
            #expect(try await rig.paths().first { $0.name == "a" }?.bytesReceived == expected)
            #expect(try await pictures(1, of: viewer).count == 1)
            // Nobody takes another's port away, by publishing or by viewing.
            let other = try await RTSPTestClient(port: try #require(rig.ports.rtsp))
            #expect(
                try await other.publish(rig.url("b"), transport: transport(peer.ports)).status == .unsupportedTransport)
            let reader = try await RTSPTestClient(port: try #require(rig.ports.rtsp))
            let setUp = try await reader.request(
                .setup, rig.url("a") + "/trackID=0",
                ["Transport": "RTP/AVP;unicast;client_port=\(peer.ports.rtp)-\(peer.ports.rtcp)"])
            #expect(setUp.status == .unsupportedTransport)
            // Its own are free again once it has gone.
            try await client.close()
            #expect(try await rig.waitForPath("a") { !$0.isAvailable })
            let again = try await RTSPTestClient(port: try #require(rig.ports.rtsp))
            #expect(try await again.publish(rig.url("b"), transport: transport(peer.ports)).status == .ok)
            for peer in [peer, stranger] { try await peer.close() }
        }
    }

    /// One that is only heard by TCP would keep the path of one that can be seen.
    @Test func aPublisherWhoseMediaDoesNotComeIsLetGo() async throws {
        var configuration = EngineRig.configuration()
        configuration.readTimeout = .seconds(1)
        try await EngineRig.run(configuration) { rig in
            let peer = try await DatagramTestPeer()
            let client = try await publish(rig, by: peer)
            var requestCount = 0
            while let answer = try? await client.request(.options, rig.url("a")) {
                #expect(answer.status == .ok)
                requestCount += 1
                try await Task.sleep(for: .milliseconds(20))
            }
            #expect(requestCount > 0)
            #expect(try await rig.waitForPath("a") { !$0.isAvailable })
            try await peer.close()
        }
    }

    @Test func keyframesAreAskedForByUDP() async throws {
        try await EngineRig.run(EngineRig.configuration()) { rig in
            let peer = try await DatagramTestPeer()
            let client = try await publish(rig, by: peer)
            var source = NumberedPictures()
            source.keyframeDistance = 100
            _ = source.next()
            // It does not begin with a keyframe.
            for packet in source.next() { try await peer.send(packet, to: rig.ports.rtp) }
            #expect(try await rig.waitForPath("a") { ($0.bytesReceived ?? 0) > 4000 })
            let viewer = try await view(rig)
            var asked: UInt32?
            while asked == nil {
                for case .pictureLossIndication(let indication) in try await peer.report() {
                    asked = indication.mediaSSRC
                }
            }
            #expect(asked == source.ssrc)
            for connection in [client, viewer] { try await connection.close() }
            try await peer.close()
        }
    }
}
