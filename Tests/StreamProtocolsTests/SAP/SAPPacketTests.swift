import StreamModel
import StreamProtocols
import Testing

@Suite("SAP")
struct SAPPacketTests {
    private static let description = SessionDescription(
        origin: .init(sessionID: "17", sessionVersion: "23", address: "192.0.2.7"), name: "front",
        connection: "IN IP4 239.255.42.9/1", media: [.init(kind: .video, port: 5004, formats: ["96"])])

    private static let text = """
        v=0\r\no=- 17 23 IN IP4 192.0.2.7\r\ns=front\r\nc=IN IP4 239.255.42.9/1\r\nt=0 0\r\nm=video 5004 RTP/AVP 96\r\n
        """

    @Test("an announcement is a header, the type of what follows, and a description (RFC 2974 §6)")
    func announcement() {
        let packet = SAPPacket(
            announcing: Self.description, from: IPAddress(ipv4: 0xC000_0207), messageIDHash: 0xABCD)
        let header: [UInt8] = [0x20, 0, 0xAB, 0xCD, 192, 0, 2, 7]
        #expect(packet.serialized() == header + Array("application/sdp\0".utf8) + Array(Self.text.utf8))
    }

    @Test("a deletion names what ends by its hash and its origin alone (RFC 2974 §6)")
    func deletion() {
        let packet = SAPPacket(
            announcing: Self.description, from: IPAddress(ipv4: 0xC000_0207), messageIDHash: 0xABCD
        ).deletion
        let header: [UInt8] = [0x24, 0, 0xAB, 0xCD, 192, 0, 2, 7]
        let payload = "application/sdp\0o=- 17 23 IN IP4 192.0.2.7\r\n"
        #expect(packet.serialized() == header + Array(payload.utf8))
    }

    @Test("a source of IPv6 takes sixteen bytes")
    func sourceOfIPv6() {
        let source = IPAddress(bits: UInt128(0x2001_0DB8) << 96 | 7)
        let packet = SAPPacket(announcing: Self.description, from: source, messageIDHash: 1)
        let header: [UInt8] = [0x30, 0, 0, 1, 0x20, 0x01, 0x0D, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7]
        #expect(Array(packet.serialized().prefix(20)) == header)
    }

    @Test("the hash belongs to the description")
    func hash() {
        var changed = Self.description
        changed.origin.sessionVersion = "24"
        let hash = SAPPacket.hash(of: Self.description)
        #expect(hash != 0 && hash == SAPPacket.hash(of: Self.description) && hash != SAPPacket.hash(of: changed))
    }

    /// Of the authors' own test suite.
    @Test("FNV-1a", arguments: [("", 0x811C_9DC5), ("a", 0xE40C_292C), ("foobar", 0xBF9C_F968)] as [(String, UInt32)])
    func fnv(text: String, hash: UInt32) {
        #expect(FNV1a.hash(text.utf8) == hash)
    }

    /// RFC 2974 §3, whose scopes of IPv4 are those of RFC 2365 §6, and of IPv6 those of RFC 4291 §2.7.
    @Test(
        "sessions are announced where those listen who may get them",
        arguments: [
            (0xE002_8001, 0xE002_7FFE), (0xE801_0203, 0xE002_7FFE), (0xEFFF_2A07, 0xEFFF_FFFF),
            (0xEFC0_0001, 0xEFC3_FFFF), (0xEFC3_FFFE, 0xEFC3_FFFF), (0xEFC4_0000, 0xEFFF_FFFF),
            (0xEF01_0203, 0xEFFF_FFFF),
        ] as [(UInt32, UInt32)])
    func groups(media: UInt32, announcements: UInt32) {
        #expect(SAPPacket.announcementGroup(of: IPAddress(ipv4: media)) == IPAddress(ipv4: announcements))
    }

    @Test("groups of IPv6 are announced in their scope", arguments: [UInt128(0xFF15), 0xFF02, 0xFF3E])
    func groupsOfIPv6(prefix: UInt128) {
        let group = SAPPacket.announcementGroup(of: IPAddress(bits: prefix << 112 | 9))
        #expect(group.description == "ff0\(String(prefix & 0xF, radix: 16))::2:7ffe")
    }

    @Test(
        "all announcements take 4000 bits a second at most, and none comes more often than once in ten seconds",
        arguments: [(0, 10), (600, 10), (5000, 10), (10_000, 20), (256 * 1000, 512)])
    func interval(byteCount: Int, seconds: Int) {
        #expect(SAPInterval.base(byteCount: byteCount) == .seconds(seconds))
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<100 {
            let next = SAPInterval.next(byteCount: byteCount, using: &generator)
            #expect(next >= .milliseconds(seconds * 1000 * 2 / 3) && next <= .milliseconds(seconds * 1000 * 4 / 3))
        }
    }
}
