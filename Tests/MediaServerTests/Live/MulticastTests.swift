import EngineContract
import Foundation
import StreamProtocols
import Testing

@testable import MediaServer

/// One stream for whoever is in its group, on the loopback interface.
@Suite(.serialized, .timeLimit(.minutes(2))) struct MulticastTests {
    private static func configuration(range: String = "239.255.77.0/24") -> EngineConfiguration {
        var configuration = EngineRig.configuration(["a": .init(), "b": .init(), "c": .init()])
        configuration.rtspTransports = [.multicast, .tcp]
        configuration.multicastIPRange = range
        configuration.multicastRTPPort = 2 * Int.random(in: 10_000..<15_000)
        configuration.multicastRTCPPort = configuration.multicastRTPPort + 1
        configuration.multicastInterface = "127.0.0.1"
        configuration.multicastTTL = 1
        return configuration
    }

    /// Publishes a path, up to its first keyframe.
    private func publish(
        _ path: String, _ rig: EngineRig, _ pictures: inout TestPictures
    ) async throws -> RTSPTestClient {
        let publisher = try await RTSPTestClient(port: try #require(rig.ports.rtsp))
        #expect(try await publisher.publish(rig.url(path)).status == .ok)
        try await publisher.send(pictures.next())
        #expect(try await rig.waitForPath(path) { ($0.bytesReceived ?? 0) > 4000 })
        return publisher
    }

    private func setUp(
        _ client: RTSPTestClient, _ url: String, authorization: String? = nil
    ) async throws -> RTSPResponse {
        var headers = ["Transport": "RTP/AVP/UDP;multicast"]
        headers["Authorization"] = authorization
        return try await client.request(.setup, url + "/trackID=0", headers)
    }

    /// Where a stream goes, as the answer to SETUP says.
    private func place(
        _ client: RTSPTestClient, _ url: String, authorization: String? = nil
    ) async throws -> RTSPTransport {
        let answer = try await setUp(client, url, authorization: authorization)
        #expect(answer.status == .ok, "\(String(decoding: answer.body, as: UTF8.self))")
        let header = try #require(answer.headers["Transport"])
        return try #require(RTSPTransport.parse(header).first)
    }

    /// The numbers of the next packets up to the end of a picture, and who sends them.
    private func picture(_ member: MulticastTestMember) async throws -> (numbers: [UInt16], ssrc: UInt32) {
        var numbers: [UInt16] = []
        while true {
            let packet = try RTPPacket(parsing: await member.packet())
            numbers.append(packet.sequenceNumber)
            if packet.marker { return (numbers, packet.ssrc) }
        }
    }

    /// Each packet goes out once, however many viewers there are, from the first PLAY to the last end.
    @Test func viewersShareOneStream() async throws {
        let configuration = Self.configuration()
        try await EngineRig.run(configuration) { rig in
            let port = try #require(rig.ports.rtsp)
            var pictures = TestPictures()
            pictures.keyframeDistance = 100
            let publisher = try await publish("a", rig, &pictures)
            let first = try await RTSPTestClient(port: port)
            let place = try await self.place(first, rig.url("a"))
            #expect(place.delivery == .multicast && place.ttl == 1 && place.source == "127.0.0.1" && place.ssrc == nil)
            let group = try #require(place.destination)
            let ports = try #require(place.port)
            #expect(group.hasPrefix("239.255.77."))
            #expect(Int(ports.rtp) == configuration.multicastRTPPort && ports.rtcp == ports.rtp + 1)

            let members = [
                try await MulticastTestMember(group, port: ports.rtp),
                try await MulticastTestMember(group, port: ports.rtp),
            ]
            let reports = try await MulticastTestMember(group, port: ports.rtcp)
            let played = try await first.request(.play, rig.url("a"))
            #expect(played.status == .ok && played.headers["RTP-Info"] == nil)
            // What was kept comes to all members at once.
            let begun = try await picture(members[0])
            #expect(try await picture(members[1]).numbers == begun.numbers)
            guard case .senderReport(let report) = try RTCPPacket.parseCompound(await reports.packet()).first else {
                Issue.record("there is no report")
                return
            }
            #expect(report.ssrc == begun.ssrc)

            // A second viewer makes no second stream: it is told the times, and a keyframe is asked for.
            let second = try await RTSPTestClient(port: port)
            let samePlace = try await self.place(second, rig.url("a"))
            #expect(samePlace == place)
            #expect(try await second.request(.play, rig.url("a")).status == .ok)
            guard case .senderReport = try RTCPPacket.parseCompound(await reports.packet()).first else {
                Issue.record("there is no second report")
                return
            }
            var isAsked = false
            while !isAsked {
                guard case .interleaved(1, let payload) = try await publisher.next() else { continue }
                for case .pictureLossIndication in try RTCPPacket.parseCompound(payload) { isAsked = true }
            }
            try await publisher.send(pictures.next())
            for member in members {
                let next = try await picture(member)
                #expect(next.numbers.first == begun.numbers.last.map { $0 &+ 1 } && next.ssrc == begun.ssrc)
            }
            let sessions = try await rig.api("GET", "/v3/rtspsessions/list")
                .decoded(ControlAPI.Page<ControlAPI.RTSPSession>.self).items
            let reading = sessions.filter { $0.state == "read" }
            #expect(reading.map(\.transport) == ["UDP-multicast", "UDP-multicast"])
            #expect(reading.allSatisfy { $0.bytesSent > 4000 })

            // It goes on for the one who stays, and ends with that one.
            #expect(try await first.request(.teardown, rig.url("a")).status == .ok)
            try await publisher.send(pictures.next())
            #expect(try await picture(members[1]).ssrc == begun.ssrc)
            try await second.close()
            #expect(try await rig.waitForPath("a") { $0.readers.isEmpty })
            let sent = try await rig.paths().first { $0.name == "a" }
            try await publisher.send(pictures.next())
            #expect(try await rig.waitForPath("a") { ($0.bytesReceived ?? 0) > (sent?.bytesReceived ?? 0) + 4000 })
            #expect(try await rig.paths().first { $0.name == "a" }?.bytesSent == sent?.bytesSent)
            for member in members + [reports] { try await member.close() }
        }
    }

    /// Everybody on the network reads a group, so only what everybody may read goes to one, and as long as that is so.
    @Test func whatIsNotForEverybodyDoesNotGoByMulticast() async throws {
        var configuration = Self.configuration()
        let others = [
            AuthInternalUser(user: "any", permissions: [.init(action: .publish), .init(action: .api)]),
            AuthInternalUser(user: "viewer", pass: "secret", permissions: [.init(action: .read)]),
            AuthInternalUser(user: "any", ips: ["127.0.0.1"], permissions: [.init(action: .read, path: "b")]),
        ]
        let rtpPort = configuration.multicastRTPPort
        configuration.authInternalUsers =
            others + [AuthInternalUser(user: "any", permissions: [.init(action: .read, path: "c")])]
        try await EngineRig.run(configuration) { rig in
            let port = try #require(rig.ports.rtsp)
            var publishers: [RTSPTestClient] = []
            for path in ["a", "b", "c"] {
                var pictures = TestPictures()
                publishers.append(try await publish(path, rig, &pictures))
            }
            let login = "Basic " + Data("viewer:secret".utf8).base64EncodedString()
            for path in ["a", "b"] {
                let client = try await RTSPTestClient(port: port)
                let refused = try await setUp(client, rig.url(path), authorization: login)
                #expect(refused.status == .unsupportedTransport)
                #expect(String(decoding: refused.body, as: UTF8.self).contains("everybody on the network"))
                let second = try await RTSPTestClient(port: port)
                let unicast = try await second.request(
                    .setup, rig.url(path) + "/trackID=0",
                    ["Authorization": login, "Transport": "RTP/AVP;multicast,RTP/AVP/TCP;unicast;interleaved=2-3"])
                let transport = try RTSPTransport.parse(unicast.headers["Transport"] ?? "").first
                #expect(transport?.interleaved == .init(rtp: 2, rtcp: 3))
                #expect(try await second.request(.play, rig.url(path)).status == .ok)
                try await second.close()
                // Nothing of it is left, and by TCP it may be read.
                #expect(try await client.play(rig.url(path), authorization: login).status == .ok)
                let described = try await client.request(
                    .describe, rig.url(path) + "?vlcmulticast", ["Authorization": login])
                #expect(String(decoding: described.body, as: UTF8.self).contains("c=IN IP4 0.0.0.0\r\n"))
            }
            let client = try await RTSPTestClient(port: port)
            let described = try await client.request(.describe, rig.url("c") + "?vlcmulticast")
            let place = try await self.place(client, rig.url("c"), authorization: login)
            let group = try #require(place.destination)
            let description = String(decoding: described.body, as: UTF8.self)
            #expect(description.contains("c=IN IP4 \(group)/1\r\n"))
            #expect(description.contains("m=video \(rtpPort) RTP/AVP"))
            let plain = try await client.request(.describe, rig.url("c"))
            #expect(String(decoding: plain.body, as: UTF8.self).contains("c=IN IP4 0.0.0.0\r\n"))
            #expect(try await client.request(.play, rig.url("c")).status == .ok)

            // Who plays it has the password, and not everybody else in the group.
            let users =
                #"{"authInternalUsers": [{"user": "any", "permissions": [{"action": "publish"}, {"action": "api"}]}, "#
                + #"{"user": "viewer", "pass": "secret", "permissions": [{"action": "read"}]}]}"#
            #expect(try await rig.api("PATCH", "/v3/config/global/patch", body: users).status == 200)
            try await client.waitUntilClosed()
            for publisher in publishers { try await publisher.close() }
        }
    }

    @Test func aGroupIsOfOneStreamUntilItsLastViewerHasLeft() async throws {
        try await EngineRig.run(Self.configuration(range: "239.255.77.5/32")) { rig in
            let port = try #require(rig.ports.rtsp)
            var pictures = TestPictures()
            let publishers = [try await publish("a", rig, &pictures), try await publish("b", rig, &pictures)]
            let first = try await RTSPTestClient(port: port)
            #expect(try await place(first, rig.url("a")).destination == "239.255.77.5")
            let second = try await RTSPTestClient(port: port)
            let refused = try await setUp(second, rig.url("b"))
            #expect(refused.status == .unsupportedTransport)
            #expect(String(decoding: refused.body, as: UTF8.self).contains("No multicast group is left"))
            let third = try await RTSPTestClient(port: port)
            let unicast = try await third.request(
                .setup, rig.url("b") + "/trackID=0",
                ["Transport": "RTP/AVP;multicast,RTP/AVP/TCP;unicast;interleaved=0-1"])
            #expect(try RTSPTransport.parse(unicast.headers["Transport"] ?? "").first?.delivery == .unicast)
            try await third.close()
            #expect(try await rig.waitForPath("b") { $0.readers.isEmpty })
            try await first.close()
            #expect(try await rig.waitForPath("a") { $0.readers.isEmpty })
            #expect(try await place(second, rig.url("b")).destination == "239.255.77.5")
            for client in publishers + [second] { try await client.close() }
        }
    }

    /// Everybody on the network is sent it, so nobody may have that done time and again.
    @Test func whoBeginsAgainAtOnceGetsWhatComes() async throws {
        try await EngineRig.run(Self.configuration()) { rig in
            var pictures = TestPictures()
            pictures.keyframeDistance = 1
            let publisher = try await publish("a", rig, &pictures)
            let client = try await RTSPTestClient(port: try #require(rig.ports.rtsp))
            let place = try await self.place(client, rig.url("a"))
            let member = try await MulticastTestMember(
                try #require(place.destination), port: try #require(place.port).rtp)
            #expect(try await client.request(.play, rig.url("a")).status == .ok)
            var last = try await picture(member)
            for again in [RTSPMethod.pause, .teardown] {
                #expect(try await client.request(again, rig.url("a")).status == .ok)
                if again == .teardown { #expect(try await self.place(client, rig.url("a")) == place) }
                #expect(try await client.request(.play, rig.url("a")).status == .ok)
                try await publisher.send(pictures.next())
                let next = try await picture(member)
                #expect(next.numbers.first == last.numbers.last.map { $0 &+ 1 })
                last = next
            }
            try await member.close()
            for client in [publisher, client] { try await client.close() }
        }
    }

    /// What comes of one stream by SAP (RFC 2974): the first two bytes, the hash, and the payload.
    private func heard(
        _ member: MulticastTestMember, of name: String
    ) async throws -> (flags: UInt8, hash: [UInt8], payload: String) {
        while true {
            let bytes = try await member.packet()
            let type = Array("application/sdp\0".utf8)
            guard bytes.count > 24, Array(bytes[8..<24]) == type else { continue }
            let payload = String(decoding: bytes[24...], as: UTF8.self)
            // A deletion has the origin alone, in which the name is a number.
            let id = FNV1a.hash(name.utf8)
            guard payload.contains("o=- \(id) ") else { continue }
            #expect(Array(bytes[4..<8]) == [127, 0, 0, 1] && bytes[1] == 0)
            return (bytes[0], Array(bytes[2..<4]), payload)
        }
    }

    /// Who plays by an announcement says nothing to the server, so what is announced is sent, and what is sent so everybody may read.
    @Test func aStreamIsAnnouncedAndSentUntilItEnds() async throws {
        let paths = ["open", "closed"].map { "\($0)-\(UInt32.random(in: .min ... .max))" }
        var configuration = Self.configuration()
        configuration.multicastAnnounce = true
        for path in paths { configuration.paths[path] = .init() }
        configuration.authInternalUsers = [
            AuthInternalUser(user: "any", permissions: [.init(action: .publish), .init(action: .api)]),
            AuthInternalUser(user: "any", permissions: [.init(action: .read, path: paths[0])]),
            AuthInternalUser(user: "viewer", pass: "secret", permissions: [.init(action: .read)]),
        ]
        let rtpPort = configuration.multicastRTPPort
        let listener = try await MulticastTestMember("239.255.255.255", port: SAPPacket.port)
        let closed = try await MulticastTestMember("239.255.255.255", port: SAPPacket.port)
        try await EngineRig.run(configuration) { rig in
            var (pictures, others) = (TestPictures(), TestPictures())
            let publishers = [
                try await publish(paths[0], rig, &pictures), try await publish(paths[1], rig, &others),
            ]
            let announced = try await heard(listener, of: paths[0])
            #expect(announced.flags == 0x20 && announced.hash != [0, 0])
            let description = try SessionDescription(parsing: Array(announced.payload.utf8))
            #expect(description.name == paths[0] && description.media.map(\.port) == [UInt16(rtpPort)])
            let connection = try #require(description.connection)
            #expect(connection.hasPrefix("IN IP4 239.255.77.") && connection.hasSuffix("/1"))
            #expect(description.control == nil && description.media.first?.control == nil)

            let group = try #require(connection.split(separator: "/").first?.split(separator: " ").last)
            let member = try await MulticastTestMember(String(group), port: UInt16(rtpPort))
            try await publishers[0].send(pictures.next())
            _ = try await picture(member)
            #expect(try await rig.waitForPath(paths[0]) { $0.readers.isEmpty })

            // A password that is set ends it at once; it comes back without one.
            let users = [
                #"{"authInternalUsers": [{"user": "any", "permissions": [{"action": "publish"}, {"action": "api"}]}]}"#,
                #"{"authInternalUsers": [{"user": "any", "permissions": "#
                    + #"[{"action": "publish"}, {"action": "api"}, {"action": "read", "path": "\#(paths[0])"}]}]}"#,
            ]
            #expect(try await rig.api("PATCH", "/v3/config/global/patch", body: users[0]).status == 200)
            var gone = try await heard(listener, of: paths[0])
            while gone.flags == 0x20 { gone = try await heard(listener, of: paths[0]) }
            #expect(gone.flags == 0x24 && gone.hash == announced.hash)
            #expect(gone.payload == "o=\(description.origin)\r\n")
            #expect(try await rig.api("PATCH", "/v3/config/global/patch", body: users[1]).status == 200)
            #expect(try await heard(listener, of: paths[0]).flags == 0x20)

            // So does the end of the stream, which has no viewer that would wait for another publisher.
            let stopwatch = Stopwatch()
            try await publishers[0].close()
            gone = try await heard(listener, of: paths[0])
            while gone.flags == 0x20 { gone = try await heard(listener, of: paths[0]) }
            #expect(gone.flags == 0x24 && stopwatch.elapsed < Path.republishGrace / 2)
            // All that came by then of the other one would be there.
            let other = FNV1a.hash(paths[1].utf8)
            while true {
                let payload = String(decoding: try await closed.packet().dropFirst(24), as: UTF8.self)
                #expect(!payload.contains("o=- \(other) "))
                if payload == gone.payload { break }
            }
            try await publishers[1].close()
            try await member.close()
        }
        for member in [listener, closed] { try await member.close() }
    }

    @Test func anInterfaceThatIsNotThereIsSaid() async throws {
        var configuration = Self.configuration()
        configuration.multicastInterface = "nothing0"
        try await EngineRig.run(configuration) { rig in
            var pictures = TestPictures()
            let publisher = try await publish("a", rig, &pictures)
            let client = try await RTSPTestClient(port: try #require(rig.ports.rtsp))
            let refused = try await setUp(client, rig.url("a"))
            #expect(refused.status == .unsupportedTransport)
            // Its name is nobody's business; the log has it.
            let reason = String(decoding: refused.body, as: UTF8.self)
            #expect(reason.contains("log says why") && !reason.contains("nothing0"))
            #expect(try await client.play(rig.url("a")).status == .ok)
            try await publisher.close()
        }
    }

    @Test func aRangeThatIsNoneIsRefusedAtTheStart() async throws {
        await #expect(throws: EngineConfigurationError.self) {
            try await EngineRig.run(Self.configuration(range: "10.0.0.0/8")) { _ in }
        }
    }
}
