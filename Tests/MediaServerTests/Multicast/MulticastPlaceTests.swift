import ConnectionLimits
import StreamModel
import StreamProtocols
import Testing

@testable import MediaServer

@Suite struct MulticastPlaceTests {
    static func place(isSourceSpecific: Bool = false) throws -> MulticastPlace {
        MulticastPlace(
            group: try #require(IPAddress("239.1.2.3")), source: try #require(IPAddress("192.0.2.7")),
            isSourceSpecific: isSourceSpecific, timeToLive: 2, firstPorts: .init(rtp: 5004, rtcp: 5005))
    }

    /// RFC 2326 §C.1.7, RFC 4566 §5.7 and §5.14; RFC 4570 §3.
    @Test func theDescriptionOfAGroupNamesIt() throws {
        let stream = SessionDescription(
            connection: "IN IP4 0.0.0.0",
            media: [.init(kind: .video, formats: ["96"]), .init(kind: .audio, formats: ["97"])])
        let lines = try Self.place().description(of: stream).serialized().split(separator: "\r\n")
        #expect(lines.contains("c=IN IP4 239.1.2.3/2") && !lines.contains { $0.contains("source-filter") })
        #expect(lines.contains("m=video 5004 RTP/AVP 96") && lines.contains("m=audio 5006 RTP/AVP 97"))
        let specific = try Self.place(isSourceSpecific: true).description(of: stream).serialized()
        #expect(specific.contains("\r\na=source-filter: incl IN IP4 239.1.2.3 192.0.2.7\r\n"))
    }

    /// RFC 4566 §5.7: of IPv6 there is no TTL. The spelling is that of §8.2.7.
    @Test func theDescriptionOfAGroupOfIPv6NamesIt() throws {
        var place = try Self.place(isSourceSpecific: true)
        place.group = try #require(IPAddress("ff35::7"))
        place.source = try #require(IPAddress("2001:db8::5"))
        let stream = SessionDescription(
            connection: "IN IP4 0.0.0.0", media: [.init(kind: .video, formats: ["96"])])
        let lines = place.announcement(of: stream).serialized().split(separator: "\r\n")
        #expect(lines.contains("c=IN IP6 ff35::7"))
        #expect(lines.contains("a=source-filter: incl IN IP6 ff35::7 2001:db8::5"))
        #expect(lines.contains { $0.hasPrefix("o=- ") && $0.hasSuffix(" 0 IN IP6 2001:db8::5") })
        #expect(place.transport(ofTrack: 0).destination == "ff35::7")
    }

    /// RFC 4566 §5.2; RFC 2326 §C.1 has what DESCRIBE alone says.
    @Test func theAnnouncementOfAGroupSaysWhoseItIs() throws {
        let stream = SessionDescription(
            origin: .init(sessionID: "0", sessionVersion: "0"), name: "front", connection: "IN IP4 0.0.0.0",
            attributes: [.init("control", "*"), .init("range", "npt=now-"), .init("recvonly")],
            media: [
                .init(
                    kind: .video, formats: ["96"],
                    attributes: [.init("rtpmap", "96 H264/90000"), .init("control", "trackID=0")])
            ])
        let announced = try Self.place(isSourceSpecific: true).announcement(of: stream)
        #expect(announced.origin.address == "192.0.2.7" && announced.origin.sessionID != "0")
        var other = stream
        other.name = "back"
        #expect(try Self.place().announcement(of: other).origin.sessionID != announced.origin.sessionID)
        let lines = announced.serialized().split(separator: "\r\n")
        for line in [
            "s=front", "a=type:broadcast", "c=IN IP4 239.1.2.3/2", "m=video 5004 RTP/AVP 96", "a=rtpmap:96 H264/90000",
            "a=recvonly",
            "a=source-filter: incl IN IP4 239.1.2.3 192.0.2.7",
        ] {
            #expect(lines.count { $0 == line } == 1, "\(line)")
        }
        #expect(!lines.contains { $0.hasPrefix("a=control") || $0.hasPrefix("a=range") })
    }

    @Test func portsEndWithTheLast() throws {
        var place = try Self.place()
        place.firstPorts = .init(rtp: 65_532, rtcp: 65_533)
        #expect(place.ports(ofTrack: 1) == .init(rtp: 65_534, rtcp: 65_535))
        #expect(place.ports(ofTrack: 2) == nil)
    }
}
