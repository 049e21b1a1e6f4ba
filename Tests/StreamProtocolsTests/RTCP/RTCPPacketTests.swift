import StreamProtocols
import Testing

@Suite struct RTCPPacketTests {
    /// pion/rtcp sender_report_test.go, "valid".
    static let senderReport = hexBytes(
        """
        81c8000c 902f9e2e da8bd1fcdddda05a aaf4edd5 00000001 00000002
        bc5e9a40 00000000 000046e1 00000111 09f36432 00024a79
        """
    )
    /// A chunk with CNAME "A" and NAME "BC", laid out after RFC 3550 §6.5.
    static let description = hexBytes("81ca0003 10000000 010141 02024243 00")

    @Test func readsASenderReport() throws {
        let packets = try RTCPPacket.parseCompound(Self.senderReport)
        let block = RTCPReportBlock(
            ssrc: 0xBC5E_9A40,
            fractionLost: 0,
            cumulativeLost: 0,
            extendedHighestSequenceNumber: 0x46E1,
            jitter: 273,
            lastSenderReport: 0x09F3_6432,
            delaySinceLastSenderReport: 150_137
        )
        #expect(
            packets == [
                .senderReport(
                    RTCPSenderReport(
                        ssrc: 0x902F_9E2E,
                        ntpTimestamp: NTPTimestamp(rawValue: 0xDA8B_D1FC_DDDD_A05A),
                        rtpTimestamp: 0xAAF4_EDD5,
                        packetCount: 1,
                        octetCount: 2,
                        reportBlocks: [block]
                    )
                )
            ]
        )
        #expect(RTCPPacket.serializeCompound(packets) == Self.senderReport)
    }

    /// RFC 3550 §6.1 and §6.5: SR without blocks, SDES with CNAME; the chunk ends on 32 bits with at least one zero.
    @Test(arguments: [
        ("abc", "81ca0003 00000005 01 03 616263 000000"), ("ab", "81ca0003 00000005 01 02 6162 00000000"),
        ("a", "81ca0002 00000005 01 01 61 00"), ("", "81ca0002 00000005 01 00 0000"),
    ])
    func writesACNAME(cname: String, hex: String) throws {
        let packet = RTCPPacket.sourceDescription(RTCPSourceDescription(ssrc: 5, cname: cname))
        #expect(RTCPPacket.serializeCompound([packet]) == hexBytes(hex))
        #expect(try RTCPPacket.parseCompound(hexBytes(hex)) == [packet])
    }

    @Test func readsAGoodbyeWithReason() throws {
        let packets = try RTCPPacket.parseCompound(hexBytes("82cb0003 902f9e2e bc5e9a40 03666f6f"))
        #expect(packets == [.goodbye(RTCPGoodbye(ssrcs: [0x902F_9E2E, 0xBC5E_9A40], reason: "foo"))])
        #expect(RTCPPacket.serializeCompound(packets) == hexBytes("82cb0003 902f9e2e bc5e9a40 03666f6f"))
        #expect(try RTCPPacket.parseCompound(hexBytes("80cb0000")) == [.goodbye(RTCPGoodbye(ssrcs: []))])
    }

    @Test func cumulativeLossIsSignedAndClamped() throws {
        for (lost, written) in [(-1, -1), (0x7F_FFFF, 0x7F_FFFF), (Int32.max, 0x7F_FFFF), (Int32.min, -0x80_0000)] {
            let block = RTCPReportBlock(
                ssrc: 1,
                fractionLost: 255,
                cumulativeLost: Int32(lost),
                extendedHighestSequenceNumber: .max,
                jitter: .max,
                lastSenderReport: .max,
                delaySinceLastSenderReport: .max
            )
            let report = RTCPPacket.receiverReport(RTCPReceiverReport(ssrc: 2, reportBlocks: [block]))
            let parsed = try RTCPPacket.parseCompound(RTCPPacket.serializeCompound([report]))
            guard case .receiverReport(let again) = parsed.first else {
                Issue.record("not a receiver report")
                continue
            }
            #expect(again.reportBlocks.first?.cumulativeLost == Int32(written))
            #expect(again.reportBlocks.first?.fractionLost == 255)
        }
    }

    @Test func readsACompoundPacketWithPaddingAndUnknownTypes() throws {
        // RR, a slice loss indication (RFC 4585 §6.3.2: type 206, format 2), a BYE with eight bytes of padding.
        let bytes = hexBytes("80c90001 00000001 82ce0002 00000001 00000002 a1cb0003 00000001 00000000 00000008")
        #expect(
            try RTCPPacket.parseCompound(bytes) == [
                .receiverReport(RTCPReceiverReport(ssrc: 1)),
                .other(type: 206, count: 2, body: [0, 0, 0, 1, 0, 0, 0, 2]),
                .goodbye(RTCPGoodbye(ssrcs: [1])),
            ]
        )
    }

    /// pion/rtcp picture_loss_indication_test.go and full_intra_request_test.go, "valid"; the latter's media source is 0, as RFC
    /// 5104 §4.3.1.2 has it.
    @Test(arguments: [
        (
            "81ce0002 00000000 4bc4fcb4",
            RTCPPacket.pictureLossIndication(.init(ssrc: 0, mediaSSRC: 0x4BC4_FCB4))
        ),
        (
            "84ce0004 00000000 00000000 12345678 42000000",
            .fullIntraRequest(.init(ssrc: 0, entries: [.init(ssrc: 0x1234_5678, sequenceNumber: 0x42)]))
        ),
    ])
    func readsAndWritesRequestsForAKeyframe(hex: String, packet: RTCPPacket) throws {
        #expect(try RTCPPacket.parseCompound(hexBytes(hex)) == [packet])
        #expect(RTCPPacket.serializeCompound([packet]) == hexBytes(hex))
        #expect(packet.asksForKeyframe)
        #expect(!RTCPPacket.receiverReport(RTCPReceiverReport(ssrc: 1)).asksForKeyframe)
    }

    /// pion/rtcp transport_layer_nack_test.go, "valid", and a number that wraps.
    @Test(arguments: [
        (
            "81cd0003 902f9e2e 902f9e2e aaaa5555",
            RTCPPacket.genericNACK(
                .init(
                    ssrc: 0x902F_9E2E, mediaSSRC: 0x902F_9E2E,
                    sequenceNumbers: [0xAAAA, 0xAAAB, 0xAAAD, 0xAAAF, 0xAAB1, 0xAAB3, 0xAAB5, 0xAAB7, 0xAAB9]))
        ),
        (
            "81cd0004 00000001 00000002 ffff8001 00200000",
            .genericNACK(.init(ssrc: 1, mediaSSRC: 2, sequenceNumbers: [0xFFFF, 0, 15, 0x20]))
        ),
    ])
    func readsAndWritesWhatIsMissing(hex: String, packet: RTCPPacket) throws {
        #expect(try RTCPPacket.parseCompound(hexBytes(hex)) == [packet])
        #expect(RTCPPacket.serializeCompound([packet]) == hexBytes(hex))
        #expect(!packet.asksForKeyframe)
    }

    @Test(arguments: [
        ("", RTCPError.empty), ("80c9", .truncated(byteCount: 2)), ("80c90001", .truncated(byteCount: 4)),
        ("40c90000", .unsupportedVersion(1)), ("a0c90000", .invalidPadding), ("a0c90001 00000005", .invalidPadding),
        ("81c90001 00000001", .malformed(type: 201)), ("80c80001 00000001", .malformed(type: 200)),
        ("81cb0000", .malformed(type: 203)), ("81cb0002 00000001 09414141", .malformed(type: 203)),
        ("81ca0002 00000001 01094141", .malformed(type: 202)), ("81ce0001 00000001", .malformed(type: 206)),
        ("84ce0003 00000001 00000000 00000002", .malformed(type: 206)), ("84ce0000", .malformed(type: 206)),
        ("81cd0001 00000001", .malformed(type: 205)), ("81cd0000", .malformed(type: 205)),
        ("81cd0003 00000001 00000002 0001", .truncated(byteCount: 14)),
    ])
    func refuses(hex: String, expected: RTCPError) {
        #expect(throws: expected) { try RTCPPacket.parseCompound(hexBytes(hex)) }
    }

    @Test func boundsTheCompound() {
        let bytes = [UInt8]((0..<65).map { _ in hexBytes("80cb0000") }.joined())
        #expect(throws: RTCPError.tooManyPackets(limit: 64)) { try RTCPPacket.parseCompound(bytes) }
    }

    @Test func convertsNTPTime() {
        // RFC 868: 2 208 988 800 is 00:00 1 January 1970, 2 629 584 000 is 00:00 1 May 1983.
        #expect(NTPTimestamp(sinceUnixEpoch: .zero).rawValue == 2_208_988_800 << 32)
        #expect(NTPTimestamp(sinceUnixEpoch: .seconds(420_595_200)).rawValue == 2_629_584_000 << 32)
        let half = NTPTimestamp(sinceUnixEpoch: .milliseconds(500))
        #expect(half.rawValue & 0xFFFF_FFFF == 0x8000_0000)
        #expect(half.middle == UInt32(truncatingIfNeeded: half.rawValue >> 16))
        #expect(half.sinceUnixEpoch == .milliseconds(500))
        let before = NTPTimestamp(sinceUnixEpoch: .milliseconds(-500))
        #expect(before.rawValue == UInt64(2_208_988_799) << 32 | 0x8000_0000)
        // RFC 3550 §4: the seconds wrap on 7 February 2036; 2 085 978 496 s after 1970.
        let wrapped = NTPTimestamp(sinceUnixEpoch: .seconds(2_085_978_496))
        #expect(wrapped.rawValue == 0)
        #expect(wrapped.sinceUnixEpoch == .seconds(2_085_978_496))
    }

    @Test func damagedPacketsNeverTrapAndAcceptedOnesAreStable() throws {
        let seeds = [
            Self.senderReport, Self.description, hexBytes("82cb0003 902f9e2e bc5e9a40 03666f6f"),
            hexBytes("80c90001 00000001 81ce0002 00000001 00000002 a1cb0003 00000001 00000000 00000008"),
            hexBytes("84ce0006 00000001 00000000 12345678 42000000 98765432 57000000"),
        ]
        for bytes in Mutations(of: seeds, count: 4000) {
            guard let packets = try? RTCPPacket.parseCompound(bytes) else { continue }
            let written = RTCPPacket.serializeCompound(packets)
            #expect(try RTCPPacket.serializeCompound(RTCPPacket.parseCompound(written)) == written)
        }
    }
}
