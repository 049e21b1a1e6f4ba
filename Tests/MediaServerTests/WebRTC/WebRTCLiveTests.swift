import EngineContract
import Foundation
import StreamProtocols
import Testing

@testable import MediaServer

/// A whole engine, and viewers by WebRTC on the loopback interface.
@Suite(.serialized, .timeLimit(.minutes(2))) struct WebRTCLiveTests {
    /// An engine with a publisher of `a` that has sent `count` pictures, the first of them a keyframe.
    private func run(
        pictures count: Int, byteCount: Int = 4000,
        _ body: @escaping @Sendable (EngineRig, RTSPTestClient, inout TestPictures) async throws -> Void
    ) async throws {
        var configuration = EngineRig.configuration()
        configuration.webrtcLocalTCPAddress = "127.0.0.1:0"
        try await EngineRig.run(configuration) { rig in
            let publisher = try await RTSPTestClient(port: try #require(rig.ports.rtsp))
            #expect(try await publisher.publish(rig.url("a")).status == .ok)
            var pictures = TestPictures()
            pictures.byteCount = byteCount
            for _ in 0..<count { try await publisher.send(pictures.next()) }
            #expect(try await rig.waitForPath("a") { ($0.bytesReceived ?? 0) > byteCount * count })
            try await body(rig, publisher, &pictures)
        }
    }

    private func sessions(_ rig: EngineRig) async throws -> [ControlAPI.WebRTCSession] {
        try await rig.webRTCSessions()
    }

    /// The next pictures that a viewer gets, and the packets that they came in.
    private func receive(
        _ count: Int, of viewer: WebRTCTestClient, by depacketizer: inout H264Depacketizer
    ) async throws -> (packets: [RTPPacket], units: [Sample]) {
        var packets: [RTPPacket] = []
        var units: [Sample] = []
        while units.count < count {
            let packet = try await viewer.packet()
            packets.append(packet)
            units += try depacketizer.depacketize(packet)
        }
        return (packets, units)
    }

    @Test func aViewerBeginsWithTheGroupOfPictures() async throws {
        try await run(pictures: 7) { rig, publisher, pictures in
            let viewer = try await WebRTCTestClient(rig)
            try await viewer.offer(to: "a", rig)
            #expect(try await sessions(rig).map(\.peerConnectionEstablished) == [false])
            try await viewer.connect()
            var depacketizer = H264Depacketizer()
            let (packets, begun) = try await receive(7, of: viewer, by: &depacketizer)
            var units = begun
            #expect(units.map(\.isRandomAccess) == [true] + Array(repeating: false, count: 6))
            #expect(packets.allSatisfy { $0.payload.count <= RTPPayloadSize.webRTC && $0.payloadType == 96 })
            // The past is shown at once: 40 ms between pictures became one.
            let times = units.map(\.presentationTime)
            #expect(zip(times.dropFirst(), times).allSatisfy { $0 - $1 == 90 })
            // And then goes on at its pace.
            try await publisher.send(pictures.next())
            while units.count < 8 { units += try depacketizer.depacketize(try await viewer.packet()) }
            #expect(units[7].presentationTime - units[6].presentationTime == 3600)

            let session = try #require(try await sessions(rig).first)
            #expect(session.path == "a" && session.state == "read" && session.peerConnectionEstablished)
            #expect(session.remoteCandidate.hasPrefix("host/udp/127.0.0.1/"))
            #expect(session.localCandidate == "host/udp/127.0.0.1/\(rig.ports.webRTCUDP ?? 0)")
            let path = try #require(try await rig.paths().first { $0.name == "a" })
            #expect(path.readers == [ControlAPI.Endpoint(type: "webRTCSession", id: session.id)])
        }
    }

    /// They are spread over the event loops, of which a usual computer has fewer.
    @Test func eachOfManyViewersGetsAllPictures() async throws {
        try await run(pictures: 7) { rig, publisher, pictures in
            var viewers: [WebRTCTestClient] = []
            for number in 0..<10 {
                let viewer = try await WebRTCTestClient(rig, byTCP: number % 2 == 1)
                try await viewer.offer(to: "a", rig)
                try await viewer.connect()
                viewers.append(viewer)
            }
            for _ in 0..<10 { try await publisher.send(pictures.next()) }
            for viewer in viewers {
                var depacketizer = H264Depacketizer()
                let (packets, units) = try await receive(17, of: viewer, by: &depacketizer)
                #expect(units.map(\.isRandomAccess) == (0..<17).map { $0 % 10 == 0 })
                #expect(zip(packets.dropFirst(), packets).allSatisfy { $0.sequenceNumber == $1.sequenceNumber &+ 1 })
            }
            let all = try await sessions(rig)
            #expect(all.count == 10 && all.allSatisfy { $0.rtpPacketsSent > 17 && $0.picturesLeftOut == 0 })
            for session in all {
                let one = try await rig.api("GET", "/v3/webrtcsessions/get/\(session.id)")
                    .decoded(ControlAPI.WebRTCSession.self)
                #expect(one.id == session.id && one.rtpPacketsSent >= session.rtpPacketsSent)
            }
            // What is on its way to another loop harms nobody when the session is gone.
            for session in all.prefix(5) {
                try await publisher.send(pictures.next())
                #expect(try await rig.api("POST", "/v3/webrtcsessions/kick/\(session.id)").status == 200)
                #expect(try await rig.api("GET", "/v3/webrtcsessions/get/\(session.id)").status == 404)
            }
            #expect(try await sessions(rig).map(\.id) == all.dropFirst(5).map(\.id))
            #expect(try await rig.waitForPath("a") { $0.readers.count == 5 })
        }
    }

    /// 160 kB go out at 64 kB a burst: the numbers are given when a packet's turn comes.
    @Test func aBeginningOfManyBurstsComesInOrder() async throws {
        try await run(pictures: 8, byteCount: 20_000) { rig, _, _ in
            // By TCP nothing gets lost, however busy the machine is.
            let viewer = try await WebRTCTestClient(rig, byTCP: true)
            try await viewer.offer(to: "a", rig)
            try await viewer.connect()
            var depacketizer = H264Depacketizer()
            let (packets, units) = try await receive(8, of: viewer, by: &depacketizer)
            #expect(zip(packets.dropFirst(), packets).allSatisfy { $0.sequenceNumber == $1.sequenceNumber &+ 1 })
            #expect(units.allSatisfy { $0.nalUnits.last?.count == 20_002 })
            // One of the past comes again with the time that it was given.
            let missed = packets[packets.count / 2]
            try await Task.sleep(for: RTPHistory.interval)
            try await viewer.send(
                .genericNACK(
                    RTCPGenericNACK(ssrc: 1, mediaSSRC: missed.ssrc, sequenceNumbers: [missed.sequenceNumber])))
            let again = try await viewer.packet()
            #expect(again.payload.dropFirst(2) == missed.payload && again.timestamp == missed.timestamp)
            // Tags and extensions count.
            let session = try #require(try await sessions(rig).first)
            #expect(session.bytesSent > packets.reduce(0) { $0 + $1.byteCount + 16 })
            #expect(session.rtpPacketsSent == packets.count)
        }
    }

    /// Browsers show a picture as soon as it is there: forwards and backwards.
    @Test func picturesOutOfOrderAreRefused() async throws {
        try await run(pictures: 7) { rig, publisher, pictures in
            let early = try await WebRTCTestClient(rig)
            try await early.offer(to: "a", rig)
            try await early.connect()
            pictures.hasBFrames = true
            for _ in 0..<10 { try await publisher.send(pictures.next()) }
            while try await !sessions(rig).isEmpty { try await Task.sleep(for: .milliseconds(20)) }
            let refused = await #expect(throws: WebRTCTestClient.Failure.self) {
                try await WebRTCTestClient(rig).offer(to: "a", rig)
            }
            #expect(refused?.what.contains("HTTP/1.1 422") == true && refused?.what.contains("B-frames") == true)
            // The encoder was set right.
            pictures.hasBFrames = false
            for _ in 0..<20 { try await publisher.send(pictures.next()) }
            #expect(try await rig.waitForPath("a") { ($0.bytesReceived ?? 0) > 4000 * 37 })
            try await WebRTCTestClient(rig).offer(to: "a", rig)
        }
    }

    @Test func whereNoUDPGetsThroughTCPDoes() async throws {
        try await run(pictures: 7) { rig, _, _ in
            let viewer = try await WebRTCTestClient(rig, byTCP: true)
            try await viewer.offer(to: "a", rig)
            try await viewer.connect()
            var depacketizer = H264Depacketizer()
            var units: [Sample] = []
            while units.count < 7 { units += try depacketizer.depacketize(try await viewer.packet()) }
            #expect(units.first?.isRandomAccess == true)
            let session = try #require(try await sessions(rig).first)
            #expect(session.localCandidate == "host/tcp/127.0.0.1/\(rig.ports.webRTCTCP ?? 0)")
        }
    }

    @Test func whoSendsNoFramesByTCPIsShownOut() async throws {
        try await run(pictures: 1) { rig, _, _ in
            let stranger = try await WebRTCTestClient(rig, byTCP: true)
            try await stranger.send([UInt8](repeating: 0xFF, count: 3000))
            await #expect(throws: CancellationError.self) { try await stranger.next() }
        }
    }

    @Test func aLostPacketComesAgain() async throws {
        try await run(pictures: 1) { rig, _, _ in
            let viewer = try await WebRTCTestClient(rig)
            try await viewer.offer(to: "a", rig)
            try await viewer.connect()
            let first = try await viewer.packet()
            // Whoever asks within milliseconds is taken for one who has not waited.
            try await Task.sleep(for: RTPHistory.interval)
            try await viewer.send(
                .genericNACK(
                    RTCPGenericNACK(ssrc: 1, mediaSSRC: first.ssrc, sequenceNumbers: [first.sequenceNumber])))
            var again = try await viewer.packet()
            while again.ssrc == first.ssrc { again = try await viewer.packet() }
            #expect(again.payloadType == 97)
            let number = [UInt8(first.sequenceNumber >> 8), UInt8(first.sequenceNumber & 0xFF)]
            #expect(Array(again.payload) == number + first.payload)
            #expect(again.timestamp == first.timestamp)
        }
    }

    @Test func aViewerThatLostThePictureGetsAKeyframeOfThePublisher() async throws {
        try await run(pictures: 1) { rig, publisher, pictures in
            let viewer = try await WebRTCTestClient(rig)
            try await viewer.offer(to: "a", rig)
            try await viewer.connect()
            let first = try await viewer.packet()
            try await viewer.send(
                .pictureLossIndication(RTCPPictureLossIndication(ssrc: 1, mediaSSRC: first.ssrc)))
            while true {
                guard case .interleaved(1, let bytes) = try await publisher.next() else { continue }
                if try RTCPPacket.parseCompound(bytes).contains(where: \.asksForKeyframe) { break }
            }
        }
    }

    @Test func whatAViewerReportsIsInTheAPI() async throws {
        try await run(pictures: 7) { rig, _, _ in
            let viewer = try await WebRTCTestClient(rig)
            try await viewer.offer(to: "a", rig)
            try await viewer.connect()
            var sent: RTCPSenderReport?
            while sent == nil {
                for case .senderReport(let report) in try await viewer.report() { sent = report }
            }
            let report = try #require(sent)
            try await viewer.send(
                .receiverReport(
                    RTCPReceiverReport(
                        ssrc: 1,
                        reportBlocks: [
                            RTCPReportBlock(
                                ssrc: report.ssrc, fractionLost: 0, cumulativeLost: 3, extendedHighestSequenceNumber: 9,
                                jitter: 450, lastSenderReport: report.ntpTimestamp.middle,
                                delaySinceLastSenderReport: 0)
                        ])))
            try await viewer.send(
                .receiverEstimate(RTCPReceiverEstimate(ssrc: 1, bitsPerSecond: 5_000_000, sources: [report.ssrc])))
            var session = try #require(try await sessions(rig).first)
            while session.rtcpPacketsReceived < 2 { session = try #require(try await sessions(rig).first) }
            #expect(session.rtpPacketsLost == 3 && session.rtpPacketsJitter == 450)
            #expect((0..<120_000).contains(try #require(session.roundTripMilliseconds)))
            #expect(session.lineBitsPerSecond == 5_000_000)
            #expect(session.rtcpPacketsSent > 0 && session.bytesReceived > 0 && session.bytesSent > 28_000)
            #expect(session.picturesLeftOut == 0 && session.rtpPacketsResent == 0)
        }
    }

    @Test("a viewer on a bad line gets fewer pictures, and misses none of their packets")
    func aBadLine() async throws {
        try await run(pictures: 1) { rig, publisher, pictures in
            let viewer = try await WebRTCTestClient(rig)
            try await viewer.offer(to: "a", rig)
            try await viewer.connect()
            let first = try await viewer.packet()
            let low = RTCPPacket.receiverEstimate(
                RTCPReceiverEstimate(ssrc: 1, bitsPerSecond: 1, sources: [first.ssrc]))
            while try await sessions(rig).first?.picturesLeftOut == 0 {
                try await viewer.send(low)
                for _ in 0..<10 { try await publisher.send(pictures.next()) }
            }
            // It goes on by itself once what it was sent has had the time to arrive.
            let sent = try #require(try await sessions(rig).first?.rtpPacketsSent)
            while try await sessions(rig).first?.rtpPacketsSent == sent {
                for _ in 0..<10 { try await publisher.send(pictures.next()) }
            }
            let total = try #require(try await sessions(rig).first?.rtpPacketsSent)
            var depacketizer = H264Depacketizer()
            var unitCount = try depacketizer.depacketize(first).count
            for index in 1..<total {
                let packet = try await viewer.packet()
                #expect(packet.sequenceNumber == first.sequenceNumber &+ UInt16(index))
                unitCount += try depacketizer.depacketize(packet).count
            }
            #expect(unitCount < pictures.count)
        }
    }

    @Test func aViewerWhoseAddressChangesGoesOnWithoutANewSession() async throws {
        try await run(pictures: 1) { rig, publisher, pictures in
            let viewer = try await WebRTCTestClient(rig)
            try await viewer.offer(to: "a", rig)
            try await viewer.connect()
            let first = try await viewer.packet()
            let before = try #require(try await sessions(rig).first)
            try await viewer.changeAddress()
            // It does not know of the change: it only checks whether the engine is still there, and reports.
            try await viewer.send(viewer.check(isNominated: false))
            try await viewer.send(.receiverReport(RTCPReceiverReport(ssrc: 1)))
            while try await sessions(rig).first?.remoteCandidate == before.remoteCandidate {}
            try await publisher.send(pictures.next())
            let next = try await viewer.packet()
            #expect(next.ssrc == first.ssrc && next.sequenceNumber > first.sequenceNumber)
            #expect(try await sessions(rig).map(\.id) == [before.id])
        }
    }

    @Test func nothingButAnswersToChecksGoesToWhoHasNotProvenItself() async throws {
        try await run(pictures: 7) { rig, _, _ in
            let viewer = try await WebRTCTestClient(rig)
            try await viewer.offer(to: "a", rig)
            // Neither a handshake nor a report nor a check with another password leads to more than a refusal.
            for datagram in viewer.dtls.begin() { try await viewer.send(datagram) }
            try await viewer.send([0x80, 201, 0, 1, 0, 0, 0, 1])
            let guessed = viewer.check(password: "guessed")
            try await viewer.send(guessed)
            let refusal = try await viewer.next()
            #expect(WebRTCDatagram(refusal[...]) == .stun && refusal[0...1] == [0x01, 0x11])
            #expect(refusal.count <= guessed.count + 64)
            try await viewer.send(viewer.check())
            let answer = try await viewer.next()
            #expect(answer[0...1] == [0x01, 0x01])
            // Until here nothing else came.
            #expect(try await sessions(rig).map(\.bytesSent) == [0])
        }
    }

    @Test func aSessionThatIsEndedIsGone() async throws {
        try await run(pictures: 1) { rig, _, _ in
            let viewer = try await WebRTCTestClient(rig)
            try await viewer.offer(to: "a", rig)
            try await viewer.connect()
            let id = try #require(try await sessions(rig).first?.id)
            #expect(try await rig.api("POST", "/v3/webrtcsessions/kick/\(id)").status == 200)
            // RFC 3550 §6.6 and DTLS both say so.
            var hasSaidGoodbye = false
            while !hasSaidGoodbye {
                hasSaidGoodbye = try await viewer.next().first.map { (20...63).contains($0) } ?? false
            }
            #expect(try await rig.api("POST", "/v3/webrtcsessions/kick/\(id)").status == 404)
            #expect(try await rig.waitForPath("a") { $0.readers.isEmpty })

            let second = try await WebRTCTestClient(rig)
            try await second.offer(to: "a", rig)
            let url = "http://127.0.0.1:\(rig.ports.webRTC ?? 0)\(second.location)"
            let statuses = try await [
                ["-X", "DELETE"], ["-X", "DELETE"],
            ].asyncMap { arguments in
                let all = ["-s", "-m", "10", "-o", "/dev/null", "-w", "%{http_code}"] + arguments + [url]
                return String(decoding: try await Program("curl", all).run().output, as: UTF8.self)
            }
            #expect(statuses == ["200", "404"])
            #expect(try await sessions(rig).isEmpty)
        }
    }

    /// Its goodbye comes from another event loop than the end of the encryption.
    @Test(arguments: [false, true]) func theGoodbyeComesBeforeTheEnd(byTCP: Bool) async throws {
        try await run(pictures: 1) { rig, _, _ in
            // As many as there may be event loops.
            var viewers: [WebRTCTestClient] = []
            for _ in 0..<8 {
                let viewer = try await WebRTCTestClient(rig, byTCP: byTCP)
                try await viewer.offer(to: "a", rig)
                try await viewer.connect()
                _ = try await viewer.packet()
                viewers.append(viewer)
            }
            #expect(try await rig.api("DELETE", "/v3/config/paths/delete/a").status == 200)
            for viewer in viewers {
                var hasSaidGoodbye = false
                while true {
                    let datagram = try await viewer.next()
                    if WebRTCDatagram(datagram[...]) == .dtls { break }
                    for case .goodbye in try viewer.report(in: datagram) { hasSaidGoodbye = true }
                }
                #expect(hasSaidGoodbye)
            }
        }
    }

    @Test func fragmentsAreTakenForTheirSessionAlone() async throws {
        try await run(pictures: 1) { rig, _, _ in
            let viewer = try await WebRTCTestClient(rig)
            try await viewer.offer(to: "a", rig)
            let url = "http://127.0.0.1:\(rig.ports.webRTC ?? 0)\(viewer.location)"
            let type = "Content-Type: application/trickle-ice-sdpfrag"
            let section = "m=video 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\n"
            let password = "a=ice-pwd:0123456789abcdef012345\r\n"
            let own = "\(section)a=ice-ufrag:\(WebRTCTestClient.usernameFragment)\r\n\(password)"
            let restart = "\(section)a=ice-ufrag:other\r\n\(password)"
            let statuses = try await [
                ["-H", type, "-H", "If-Match: *", "--data-binary", own],
                ["-H", type, "--data-binary", own],
                ["-H", type, "-H", "If-Match: \"other\"", "--data-binary", own],
                ["-H", type, "-H", "If-Match: *", "--data-binary", restart],
                ["-H", "Content-Type: text/plain", "-H", "If-Match: *", "--data-binary", own],
            ].asyncMap { arguments in
                let all =
                    ["-s", "-m", "10", "-o", "/dev/null", "-w", "%{http_code}", "-X", "PATCH"] + arguments + [url]
                return String(decoding: try await Program("curl", all).run().output, as: UTF8.self)
            }
            #expect(statuses == ["204", "428", "412", "422", "415"])
        }
    }
}

extension Array {
    fileprivate func asyncMap<Result>(_ transform: (Element) async throws -> Result) async rethrows -> [Result] {
        var results: [Result] = []
        for element in self { results.append(try await transform(element)) }
        return results
    }
}
