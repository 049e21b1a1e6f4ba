import EngineContract
import Foundation
import StreamProtocols
import Testing

@testable import MediaServer

/// A whole engine, and publishers by WebRTC on the loopback interface.
@Suite(.serialized, .timeLimit(.minutes(2))) struct WebRTCPublishTests {
    /// A publisher of path `a` that is connected.
    private func publish(_ rig: EngineRig, byTCP: Bool = false) async throws -> WebRTCTestClient {
        let publisher = try await WebRTCTestClient(rig, byTCP: byTCP, publishes: true)
        try await publisher.offer(to: "a", rig)
        try await publisher.connect()
        try #require(try await rig.waitForPath("a") { $0.isAvailable })
        return publisher
    }

    private func view(_ rig: EngineRig) async throws -> RTSPTestClient {
        let viewer = try await RTSPTestClient(port: try #require(rig.ports.rtsp))
        #expect(try await viewer.play(rig.url("a")).status == .ok)
        return viewer
    }

    private func sessions(_ rig: EngineRig) async throws -> [ControlAPI.WebRTCSession] {
        try await rig.api("GET", "/v3/webrtcsessions/list")
            .decoded(ControlAPI.Page<ControlAPI.WebRTCSession>.self).items
    }

    /// The next picture that a viewer gets, by the number at its end.
    private func picture(of viewer: RTSPTestClient, by depacketizer: inout H264Depacketizer) async throws -> UInt8 {
        while true {
            let units = try depacketizer.depacketize(try await viewer.packet())
            if let number = units.first?.nalUnits.last?.last { return number }
        }
    }

    /// What curl is answered to.
    private func status(_ rig: EngineRig, _ arguments: [String], _ path: String) async throws -> String {
        let all =
            ["-s", "-m", "20", "-o", "/dev/null", "-w", "%{http_code}"] + arguments
            + ["http://127.0.0.1:\(rig.ports.webRTC ?? 0)\(path)"]
        return String(decoding: try await Program("curl", all).run().output, as: UTF8.self)
    }

    /// What comes to a publisher, until it is what is waited for.
    private func report<Result>(
        to publisher: WebRTCTestClient, _ choose: (RTCPPacket) -> Result?
    ) async throws -> Result {
        while true {
            for packet in try await publisher.report() {
                if let result = choose(packet) { return result }
            }
        }
    }

    /// The session that publishes path `a`.
    private func source(_ rig: EngineRig) async throws -> String? {
        let path = try await rig.paths().first { $0.name == "a" }
        return path?.source?.id
    }

    /// The client is told by DTLS that it is over.
    private func goodbye(to client: WebRTCTestClient) async throws {
        while try await client.next().first.map({ !(20...63).contains($0) }) ?? true {}
    }

    @Test(arguments: [false, true]) func whatIsPublishedIsSeen(byTCP: Bool) async throws {
        var configuration = EngineRig.configuration()
        configuration.webrtcLocalTCPAddress = "127.0.0.1:0"
        try await EngineRig.run(configuration) { rig in
            let publisher = try await publish(rig, byTCP: byTCP)
            let viewer = try await view(rig)
            var (pictures, packetCount) = (NumberedPictures(isByWebRTC: true), 0)
            for _ in 0..<5 {
                for packet in pictures.packets() {
                    try await publisher.send(media: packet.serialized())
                    packetCount += 1
                }
            }
            var depacketizer = H264Depacketizer()
            for number in UInt8(0)..<5 {
                let seen = try await picture(of: viewer, by: &depacketizer)
                #expect(seen == number)
            }

            let session = try #require(try await sessions(rig).first)
            #expect(session.path == "a" && session.state == "publish" && session.peerConnectionEstablished)
            #expect(session.remoteCandidate.hasPrefix("host/\(byTCP ? "tcp" : "udp")/127.0.0.1/"))
            #expect(session.rtpPacketsReceived == packetCount && session.rtpPacketsLost == 0)
            #expect(session.bytesReceived > 20_000 && session.rtpPacketsSent == 0)
            let path = try #require(try await rig.paths().first { $0.name == "a" })
            #expect(path.source == ControlAPI.Endpoint(type: "webRTCSession", id: session.id))
            #expect(path.tracks == ["H264"])
            #expect(try await status(rig, ["-X", "DELETE"], publisher.location) == "200")
            #expect(try await rig.waitForPath("a") { !$0.isAvailable })
            #expect(try await status(rig, ["-X", "DELETE"], publisher.location) == "404")
        }
    }

    /// Whoever is too slow to answer in time, as this machine may be, loses the picture and goes on with the next one.
    @Test func aLostPacketIsAskedForAndTakesItsPlace() async throws {
        try await EngineRig.run(EngineRig.configuration()) { rig in
            let publisher = try await publish(rig)
            let viewer = try await view(rig)
            var pictures = NumberedPictures(isByWebRTC: true)
            pictures.keyframeDistance = 1
            var depacketizer = H264Depacketizer()
            for packet in pictures.packets() { try await publisher.send(media: packet.serialized()) }
            let first = try await picture(of: viewer, by: &depacketizer)
            #expect(first == 0)
            var isMended = false
            while !isMended {
                let number = UInt8(truncatingIfNeeded: pictures.count)
                var packets = pictures.packets()
                let lost = packets.remove(at: 1)
                for packet in packets { try await publisher.send(media: packet.serialized()) }
                let source = try await report(to: publisher) { packet -> UInt32? in
                    guard case .genericNACK(let nack) = packet,
                        nack.sequenceNumbers.contains(lost.sequenceNumber)
                    else { return nil }
                    return nack.mediaSSRC
                }
                #expect(source == lost.ssrc)
                var again: [UInt8] = []
                lost.appendRetransmission(
                    to: &again, payloadType: 97, ssrc: 99, sequenceNumber: UInt16(number),
                    headerExtension: RTPHeaderExtension(mid: "", id: nil))
                try await publisher.send(media: again)
                let next = UInt8(truncatingIfNeeded: pictures.count)
                for packet in pictures.packets() { try await publisher.send(media: packet.serialized()) }
                let seen = try await picture(of: viewer, by: &depacketizer)
                isMended = seen == number
                #expect(isMended || seen == next)
            }
        }
    }

    @Test func thePublisherIsToldHowItsPacketsCome() async throws {
        try await EngineRig.run(EngineRig.configuration()) { rig in
            let publisher = try await publish(rig)
            var pictures = NumberedPictures(isByWebRTC: true)
            let packets = pictures.packets()
            for (number, packet) in packets.enumerated() where number != 1 {
                var bytes: [UInt8] = []
                packet.append(
                    to: &bytes, headerExtension: RTPHeaderExtension(mid: "", id: nil, transportNumberID: 4),
                    transportNumber: UInt16(500 + number))
                try await publisher.send(media: bytes)
            }
            // A busy machine may make it several reports.
            var told: [UInt16] = []
            while told.last != UInt16(500 + packets.count - 1) {
                let feedback = try await report(to: publisher) { packet -> RTCPTransportFeedback? in
                    guard case .transportFeedback(let feedback) = packet else { return nil }
                    return feedback
                }
                var number = feedback.firstNumber
                for status in feedback.statuses {
                    switch status {
                    case .missing(let count): number &+= UInt16(count)
                    case .received:
                        told.append(number)
                        number &+= 1
                    }
                }
            }
            #expect(told == packets.indices.filter { $0 != 1 }.map { UInt16(500 + $0) })
            let source = try await report(to: publisher) { packet -> UInt32? in
                guard case .receiverReport(let report) = packet else { return nil }
                return report.reportBlocks.first { $0.cumulativeLost == 1 }?.ssrc
            }
            #expect(source == pictures.ssrc)
        }
    }

    @Test func keyframesAreAskedFor() async throws {
        try await EngineRig.run(EngineRig.configuration()) { rig in
            let publisher = try await publish(rig)
            var pictures = NumberedPictures(isByWebRTC: true)
            _ = pictures.packets()
            // It does not begin with a keyframe: somebody may have lost it.
            for packet in pictures.packets() { try await publisher.send(media: packet.serialized()) }
            let asked = try await report(to: publisher) { packet -> UInt32? in
                guard case .pictureLossIndication(let indication) = packet else { return nil }
                return indication.mediaSSRC
            }
            #expect(asked == pictures.ssrc)
        }
    }

    @Test func onlyWhoMayPublishesAndTakesOver() async throws {
        var configuration = EngineRig.configuration()
        configuration.authInternalUsers = [
            AuthInternalUser(
                user: AuthInternalUser.anyone, permissions: [AuthPermission(action: .api), .init(action: .read)]),
            AuthInternalUser(user: "u", pass: "p", permissions: [AuthPermission(action: .publish, path: "a")]),
        ]
        try await EngineRig.run(configuration) { rig in
            let bearer = "Authorization: Bearer u:p"
            let publisher = try await WebRTCTestClient(rig, publishes: true)
            let offer = [
                "-H", "Content-Type: application/sdp", "--data-binary", publisher.offer,
            ]
            #expect(try await status(rig, offer, "/a/whip") == "401")
            #expect(try await status(rig, offer + ["-H", "Authorization: Bearer u:wrong"], "/a/whip") == "401")
            #expect(try await status(rig, offer + ["-H", "Authorization: Bearer p"], "/a/whip") == "401")
            #expect(try await status(rig, offer + ["-H", bearer], "/b/whip") == "401")
            #expect(try await status(rig, offer + ["-u", "u:p"], "/a/whip") == "201")
            #expect(try await status(rig, ["-H", bearer, "--data-binary", "v=0"], "/a/whip") == "415")
            let noSDP = ["-H", bearer, "-H", "Content-Type: application/sdp", "--data-binary", "hello"]
            #expect(try await status(rig, noSDP, "/a/whip") == "400")
            for method in ["GET", "PUT"] {
                #expect(try await status(rig, ["-X", method, "-H", bearer], "/a/whip") == "405")
            }
            #expect(try await status(rig, ["-X", "OPTIONS", "-H", bearer], "/a/whip") == "204")
            // Who views offers to take, and not to send.
            let viewing = [
                "-H", bearer, "-H", "Content-Type: application/sdp", "--data-binary",
                publisher.offer.replacing("a=sendonly", with: "a=recvonly"),
            ]
            #expect(try await status(rig, viewing, "/a/whip") == "422")
            let strange = [
                "-H", bearer, "-H", "Content-Type: application/sdp", "--data-binary",
                publisher.offer.replacing("H264/", with: "VP8/"),
            ]
            #expect(try await status(rig, strange, "/a/whip") == "406")

            try await publisher.offer(to: "a", rig, headers: [bearer])
            try await publisher.connect()
            #expect(try await rig.waitForPath("a") { $0.isAvailable })
            let second = try await WebRTCTestClient(rig, publishes: true)
            try await second.offer(to: "a", rig, headers: [bearer])
            try await second.connect()
            try await goodbye(to: publisher)
            #expect(try await status(rig, ["-X", "DELETE"], second.location) == "200")
            // Withdrawing the permission ends who publishes.
            let third = try await WebRTCTestClient(rig, publishes: true)
            try await third.offer(to: "a", rig, headers: [bearer])
            try await third.connect()
            #expect(try await rig.waitForPath("a") { $0.isAvailable })
            let users = #"{"authInternalUsers":[{"user":"any","permissions":[{"action":"api"},{"action":"read"}]}]}"#
            #expect(try await rig.api("PATCH", "/v3/config/global/patch", body: users).status == 200)
            #expect(try await rig.waitForPath("a") { !$0.isAvailable })
        }
    }

    @Test func whereTakingOverIsOffTheSecondIsRefused() async throws {
        var path = PathConfiguration()
        path.overridePublisher = false
        try await EngineRig.run(EngineRig.configuration(["a": path])) { rig in
            let first = try await publish(rig)
            let second = try await WebRTCTestClient(rig, publishes: true)
            let offer = ["-H", "Content-Type: application/sdp", "--data-binary", second.offer]
            #expect(try await status(rig, offer, "/a/whip") == "409")
            #expect(try await status(rig, offer, "/nowhere/whip") == "404")
            #expect(try await status(rig, ["-X", "DELETE"], first.location) == "200")
            #expect(try await status(rig, offer, "/a/whip") == "201")
        }
    }

    /// Both are answered, and then one of them is the first.
    @Test func whereTakingOverIsOffWhoConnectsSecondIsShownOut() async throws {
        var path = PathConfiguration()
        path.overridePublisher = false
        try await EngineRig.run(EngineRig.configuration(["a": path])) { rig in
            let first = try await WebRTCTestClient(rig, publishes: true)
            let second = try await WebRTCTestClient(rig, publishes: true)
            try await first.offer(to: "a", rig)
            try await second.offer(to: "a", rig)
            try await first.connect()
            #expect(try await rig.waitForPath("a") { $0.isAvailable })
            let former = try await source(rig)
            try await second.connect()
            try await goodbye(to: second)
            let current = try await source(rig)
            #expect(current == former && current != nil)
        }
    }

    /// An offer whose end comes when the permission has gone.
    @Test func whoBeganBeforeThePermissionWasWithdrawnIsRefused() async throws {
        let others = [
            AuthInternalUser(
                user: AuthInternalUser.anyone, permissions: [AuthPermission(action: .api), .init(action: .read)])
        ]
        var configuration = EngineRig.configuration()
        configuration.authInternalUsers =
            others + [
                AuthInternalUser(user: "u", pass: "p", permissions: [AuthPermission(action: .publish, path: "a")])
            ]
        try await EngineRig.run(configuration) { rig in
            let publisher = try await WebRTCTestClient(rig, publishes: true)
            // curl sends what it is given as it comes.
            let script = """
                (printf '%s' "$1"; sleep 0.3
                 curl -s -m 10 -X PATCH -H 'Content-Type: application/json' -d "$2" "$3" > /dev/null; printf '\\r\\n') \
                | curl -s -m 20 -o /dev/null -w '%{http_code}' -X POST -T . -H 'Expect:' \
                  -H 'Content-Type: application/sdp' -H 'Authorization: Bearer u:p' "$4"
                """
            let users = #"{"authInternalUsers":[{"user":"any","permissions":[{"action":"api"},{"action":"read"}]}]}"#
            let result = try await Program(
                "bash",
                [
                    "-c", script, "_", String(publisher.offer.dropLast()), users,
                    "http://127.0.0.1:\(rig.ports.api ?? 0)/v3/config/global/patch",
                    "http://127.0.0.1:\(rig.ports.webRTC ?? 0)/a/whip",
                ]
            ).run()
            #expect(String(decoding: result.output, as: UTF8.self) == "401")
            #expect(try await sessions(rig).isEmpty)
        }
    }

    @Test func whoIsKickedOrWhosePathIsTakenAwayIsGone() async throws {
        try await EngineRig.run(EngineRig.configuration()) { rig in
            let first = try await publish(rig)
            let id = try #require(try await sessions(rig).first?.id)
            #expect(try await rig.api("POST", "/v3/webrtcsessions/kick/\(id)").status == 200)
            try await goodbye(to: first)
            #expect(try await rig.waitForPath("a") { !$0.isAvailable })
            let second = try await publish(rig)
            #expect(try await rig.api("DELETE", "/v3/config/paths/delete/a").status == 200)
            try await goodbye(to: second)
            #expect(try await sessions(rig).isEmpty)
        }
    }

    /// Bytes of any kind, from an address that is the publisher's, and media of a viewer.
    @Test func whatIsNotAuthenticIsNobodys() async throws {
        try await EngineRig.run(EngineRig.configuration()) { rig in
            let publisher = try await publish(rig)
            var pictures = NumberedPictures(isByWebRTC: true)
            for length in [0, 1, 11, 12, 28, 500, 1500] {
                let bytes = [UInt8](repeating: 0x9F, count: length)
                for second in [UInt8(96), 200] {
                    try await publisher.send([0x80, second] + bytes)
                    try await publisher.send([0xBF, second] + bytes)
                }
            }
            for packet in pictures.packets() { try await publisher.send(packet.serialized()) }
            let viewer = try await WebRTCTestClient(rig)
            try await viewer.offer(to: "a", rig)
            try await viewer.connect()
            for packet in pictures.packets() { try await viewer.send(media: packet.serialized()) }
            // What is authentic comes after all of that.
            let packets = pictures.packets()
            for packet in packets { try await publisher.send(media: packet.serialized()) }
            #expect(try await rig.waitForPath("a") { $0.bytesReceived ?? 0 > 0 })
            let byteCount = packets.reduce(0) { $0 + $1.byteCount }
            #expect(try await rig.waitForPath("a") { $0.bytesReceived == byteCount })
            let session = try await sessions(rig).first { $0.state == "publish" }
            #expect(session?.rtpPacketsReceived == packets.count && session?.rtcpPacketsReceived == 0)
        }
    }

    @Test func aPublisherThatIsSilentIsLetGo() async throws {
        var configuration = EngineRig.configuration()
        configuration.readTimeout = .seconds(2)
        try await EngineRig.run(configuration) { [timeout = configuration.readTimeout] rig in
            let publisher = try await publish(rig)
            try await Task.sleep(for: .milliseconds(500))
            let sent = ContinuousClock.now
            var pictures = NumberedPictures(isByWebRTC: true)
            for packet in pictures.packets() { try await publisher.send(media: packet.serialized()) }
            var hasSaidGoodbye = false
            while !hasSaidGoodbye {
                // It goes on to say that it is there.
                try await publisher.send(publisher.check())
                hasSaidGoodbye = try await publisher.next().first.map { (20...63).contains($0) } ?? false
            }
            // Silence begins with the last packet.
            #expect(ContinuousClock.now - sent >= timeout)
            #expect(try await rig.waitForPath("a") { !$0.isAvailable })
            #expect(try await sessions(rig).isEmpty)
        }
    }
}
