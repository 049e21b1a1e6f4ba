import StreamProtocols
import Testing

@Suite struct RTPPacketTests {
    /// pion/rtp packet_test.go (a real packet with extension).
    static let withExtension = hexBytes("90e0698f d9c293da 1c642782 00010001 ffffffff 98365be88a9e")

    @Test func readsAndWritesTheFixedHeader() throws {
        // RFC 3550 §5.1 laid out by hand: V=2, M=1, PT=96.
        let bytes = hexBytes("80e0 1234 89abcdef 00000001 414243")
        let packet = try RTPPacket(parsing: bytes)
        #expect(packet.marker)
        #expect(packet.payloadType == 96)
        #expect(packet.sequenceNumber == 0x1234)
        #expect(packet.timestamp == 0x89AB_CDEF)
        #expect(packet.ssrc == 1)
        #expect(packet.payload == [0x41, 0x42, 0x43])
        #expect(packet.serialized() == bytes)
        #expect(packet.byteCount == bytes.count)
    }

    @Test func skipsExtensionSourcesAndPadding() throws {
        let extended = try RTPPacket(parsing: Self.withExtension)
        #expect(extended.sequenceNumber == 27023)
        #expect(extended.timestamp == 3_653_407_706)
        #expect(extended.ssrc == 476_325_762)
        #expect(extended.payload == [0x98, 0x36, 0x5B, 0xE8, 0x8A, 0x9E])
        // Two contributing sources, an empty extension, three bytes of padding.
        let full = try RTPPacket(
            parsing: hexBytes("b260 0001 00000002 00000003 aaaaaaaa bbbbbbbb 10000000 6501 000003"))
        #expect(full.payload == [0x65, 0x01])
    }

    /// Of a packet that is mostly padding, its payload keeps nothing else.
    @Test func aPayloadKeepsLittleMoreThanItself() throws {
        for paddingByteCount in [20, 200] {
            let bytes: [UInt8] =
                hexBytes("a060 0001 00000002 00000003") + [UInt8](repeating: 7, count: 50)
                + [UInt8](repeating: UInt8(paddingByteCount), count: paddingByteCount)
            let payload = try RTPPacket(parsing: bytes).payload
            #expect(payload == [UInt8](repeating: 7, count: 50)[...])
            #expect((payload.startIndex == 0) == (paddingByteCount > 50))
        }
    }

    @Test func aPaddingBitWithoutPaddingIsForgiven() throws {
        #expect(try RTPPacket(parsing: hexBytes("a060 0001 00000002 00000003 6500")).payload == [0x65, 0x00])
    }

    @Test(arguments: [
        ("", RTPPacketError.truncated(byteCount: 0)),
        ("8060000000000000000000", .truncated(byteCount: 11)),
        ("406000000000000000000000", .unsupportedVersion(1)),
        ("8f6000000000000000000000", .truncated(byteCount: 12)),
        ("906000000000000000000000", .truncated(byteCount: 12)),
        ("906000000000000000000000 0000ffff", .truncated(byteCount: 16)),
        ("a06000000000000000000000", .invalidPadding),
        ("a06000000000000000000000 6503", .invalidPadding),
    ])
    func refuses(hex: String, expected: RTPPacketError) {
        #expect(throws: expected) { try RTPPacket(parsing: hexBytes(hex)) }
    }

    @Test func framesForRTSP() {
        let packet = RTPPacket(
            marker: false,
            payloadType: 96,
            sequenceNumber: .max,
            timestamp: .max,
            ssrc: .max,
            payload: [1, 2]
        )
        var bytes: [UInt8] = [0xEE]
        // RFC 2326 §10.12.
        #expect(packet.appendInterleaved(channel: 2, to: &bytes))
        #expect(bytes == hexBytes("ee 24 02 000e 8060 ffff ffffffff ffffffff 0102"))

        var largest = packet
        largest.payload = [UInt8](repeating: 0, count: 65_535 - 12)[...]
        #expect(largest.appendInterleaved(channel: 0, to: &bytes))
        let before = bytes
        largest.payload.append(0)
        #expect(!largest.appendInterleaved(channel: 0, to: &bytes))
        #expect(bytes == before)
    }

    @Test func damagedPacketsNeverTrap() throws {
        let seeds = [
            Self.withExtension, hexBytes("b260 0001 00000002 00000003 aaaaaaaa bbbbbbbb 10000000 6501 000003"),
        ]
        for bytes in Mutations(of: seeds, count: 5000) {
            guard let packet = try? RTPPacket(parsing: bytes) else { continue }
            #expect(packet.byteCount <= bytes.count)
            #expect(try RTPPacket(parsing: packet.serialized()) == packet)
        }
    }
}
