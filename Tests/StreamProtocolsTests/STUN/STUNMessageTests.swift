import TestSupport
import Testing

@testable import StreamProtocols

@Suite struct STUNMessageTests {
    /// RFC 5769 §2.1.
    static let request = hexBytes(
        """
        00010058 2112a442 b7e7a701 bc34d686 fa87dfae 80220010 5354554e 20746573 7420636c 69656e74 00240004 6e0001ff
        80290008 932ff9b1 51263b36 00060009 6576746a 3a683676 59202020 00080014 9aeaa70c bfd8cb56 781ef2b5 b2d3f249
        c1b571a2 80280004 e57a3bcf
        """)

    @Test func readsTheStandardsRequest() throws {
        let message = try STUNMessage(parsing: Self.request[...])
        #expect(message.isBindingRequest)
        #expect(message.recipientUsernameFragment == "evtj")
    }

    /// The test's own writer makes the standard's bytes.
    @Test func writerOfTestsIsRight() {
        var check = STUNCheck(
            transactionID: [UInt8](Self.request[8..<20]),
            attributes: [
                (0x8022, [UInt8]("STUN test client".utf8)), (0x0024, hexBytes("6e0001ff")),
                (0x8029, hexBytes("932ff9b151263b36")), (0x0006, [UInt8]("evtj:h6vY".utf8)),
            ], password: "VOkJxbRl1RmTxUk/WvJxBt")
        check.padding = 0x20
        #expect(check.serialized() == Self.request)
    }

    @Test(arguments: [
        ("", STUNError.truncated(byteCount: 0)),
        ("00010000 2112a442 b7e7a701 bc34d686 fa87df", .truncated(byteCount: 19)),
        ("00010000 2112a443 b7e7a701 bc34d686 fa87dfae", .notSTUN),
        ("40010000 2112a442 b7e7a701 bc34d686 fa87dfae", .notSTUN),
        ("00010004 2112a442 b7e7a701 bc34d686 fa87dfae", .truncated(byteCount: 20)),
        ("00010004 2112a442 b7e7a701 bc34d686 fa87dfae 00060001", .truncated(byteCount: 24)),
        ("00010005 2112a442 b7e7a701 bc34d686 fa87dfae 00060001 41", .truncated(byteCount: 25)),
        ("00010008 2112a442 b7e7a701 bc34d686 fa87dfae 00080004 00000000", .malformedAttribute(type: 8)),
        ("00010008 2112a442 b7e7a701 bc34d686 fa87dfae 00250004 00000000", .malformedAttribute(type: 0x25)),
        ("00010008 2112a442 b7e7a701 bc34d686 fa87dfae 80280004 00000000", .wrongFingerprint),
        ("00010008 2112a442 b7e7a701 bc34d686 fa87dfae 80280003 00000000", .malformedAttribute(type: 0x8028)),
    ])
    func refuses(hex: String, error: STUNError) {
        #expect(throws: error) { try STUNMessage(parsing: hexBytes(hex)[...]) }
        #expect(!error.description.isEmpty)
    }

    @Test func refusesWhatIsTooLong() {
        #expect(throws: STUNError.tooLong(byteCount: 1281, limit: 1280)) {
            try STUNMessage(parsing: [UInt8](repeating: 0, count: 1281)[...])
        }
    }

    /// RFC 8489 §14.7: the fingerprint is the last attribute.
    @Test func refusesWhatFollowsAFingerprint() {
        var bytes = STUNCheck(username: "a:b", password: "c").serialized()
        bytes += [0x80, 0x22, 0, 0]
        bytes[3] += 4
        #expect(throws: STUNError.self) { try STUNMessage(parsing: bytes[...]) }
    }

    @Test func damageNeverTraps() {
        var readable = 0
        for bytes in Mutations(of: [Self.request, STUNCheck(username: "a:b", password: "c").serialized()], count: 5000)
        {
            if (try? STUNMessage(parsing: bytes[...])) != nil { readable += 1 }
        }
        // The fingerprint finds nearly everything.
        #expect(readable < 500)
    }
}

@Suite struct WebRTCDatagramTests {
    /// RFC 7983 §7, RFC 5761 §4.
    @Test(
        arguments: [
            ([0x00, 0x01], WebRTCDatagram.stun), ([0x03, 0], .stun), ([0x04, 0], .other), ([19, 0], .other),
            ([20, 254], .dtls),
            ([63, 0], .dtls), ([64, 0], .other), ([127, 0], .other), ([128, 96], .rtp), ([191, 0x80 | 96], .rtp),
            ([0x80, 191], .rtp), ([0x81, 192], .rtcp), ([0x81, 201], .rtcp), ([0x81, 223], .rtcp), ([0x80, 224], .rtp),
            ([192, 0], .other), ([], .other), ([0x80], .other),
        ] as [([UInt8], WebRTCDatagram)])
    func tellsDatagramsApart(bytes: [UInt8], kind: WebRTCDatagram) {
        #expect(WebRTCDatagram(bytes[...]) == kind)
    }
}
