import StreamProtocols
import Testing

/// What receivers say about their line.
@Suite struct RTCPLineFeedbackTests {
    private static func packet(
        first: UInt16 = 0, reference: Int32 = 0, _ statuses: [RTCPTransportFeedback.Status]
    ) -> RTCPPacket {
        .transportFeedback(
            RTCPTransportFeedback(
                ssrc: 1, mediaSSRC: 2, firstNumber: first, referenceTime: reference, reportNumber: 3,
                statuses: statuses))
    }

    /// pion/rtcp transport_layer_cc_test.go, "example1".
    @Test func readsWhenAPacketCame() throws {
        let bytes = hexBytes("afcd0005 fa17fa17 43032fa0 00990001 3de80217 20019401")
        #expect(
            try RTCPPacket.parseCompound(bytes) == [
                .transportFeedback(
                    RTCPTransportFeedback(
                        ssrc: 0xFA17_FA17, mediaSSRC: 0x4303_2FA0, firstNumber: 153, referenceTime: 4_057_090,
                        reportNumber: 23, statuses: [.received(delta: 148)]))
            ])
    }

    /// Laid out after the draft's §3.1: runs, 14 symbols of one bit, 7 of two, and what is over at the end of a chunk.
    @Test(arguments: [
        // 3 that are missing, then one of them with a large delta.
        (
            "8fcd0006 00000001 00000002 00050004 00000103 00034001 fe0c0000",
            packet(first: 5, reference: 1, [.missing(3), .received(delta: -500)])
        ),
        // 10110000000000: the first four count.
        (
            "8fcd0006 00000001 00000002 00050004 ffffff03 ac00 01 02 ff 00 0000",
            packet(
                first: 5, reference: -1,
                [.received(delta: 1), .missing(1), .received(delta: 2), .received(delta: 255)])
        ),
        // 01 10 00…: small, large, missing.
        (
            "8fcd0006 00000001 00000002 ffff0003 00000003 d800 07 0100 000000",
            packet(first: 65_535, [.received(delta: 7), .received(delta: 256), .missing(1)])
        ),
    ])
    func readsEveryChunk(hex: String, packet: RTCPPacket) throws {
        #expect(try RTCPPacket.parseCompound(hexBytes(hex)) == [packet])
        // Written, it is the same for whoever reads it.
        #expect(try RTCPPacket.parseCompound(RTCPPacket.serializeCompound([packet])) == [packet])
    }

    @Test func aLongReportIsTheSameWhenItIsReadAgain() throws {
        let statuses = (0..<RTCPTransportFeedback.packetLimit).map { index -> RTCPTransportFeedback.Status in
            index % 3 == 0 ? .missing(1) : .received(delta: Int16(index % 600 - 200))
        }
        let packet = Self.packet(statuses)
        #expect(try RTCPPacket.parseCompound(RTCPPacket.serializeCompound([packet])) == [packet])
    }

    /// One datagram has room for 58 of these, and whoever sends them need not be a browser.
    @Test func aFewBytesThatNameThousandsTakeTheRoomOfOne() throws {
        let bytes = hexBytes("8fcd0005 00000001 00000002 00001000 00000003 10000000")
        let packet = Self.packet([.missing(RTCPTransportFeedback.packetLimit)])
        #expect(try RTCPPacket.parseCompound(bytes) == [packet])
        #expect(try RTCPPacket.parseCompound(RTCPPacket.serializeCompound([packet])) == [packet])
    }

    @Test(arguments: [
        // More packets than anybody sends between two reports, in a few bytes.
        "8fcd0005 00000001 00000002 00001001 00000003 1fff0000",
        // A symbol that is reserved; a run of none; no chunk; no delta.
        "8fcd0005 00000001 00000002 00000001 00000003 60010000",
        "8fcd0005 00000001 00000002 00000001 00000003 00000000",
        "8fcd0004 00000001 00000002 00000001 00000003",
        "8fcd0005 00000001 00000002 00000003 00000003 20030101",
        "8fcd0003 00000001 00000002 00000001",
    ])
    func refusesReports(hex: String) {
        #expect(throws: RTCPError.malformed(type: 205)) { try RTCPPacket.parseCompound(hexBytes(hex)) }
    }

    /// pion/rtcp receiver_estimated_maximum_bitrate_test.go; the greatest number; nothing at all.
    @Test(
        arguments: [
            ("8fce0005 00000001 00000000 52454d42 011a20df 4874ed16", 8_927_168, [0x4874_ED16]),
            ("8fce0004 00000001 00000000 52454d42 00bbffff", 0x3FFFF << 46, []),
            ("8fce0004 00000001 00000000 52454d42 00000000", 0, []),
        ] as [(String, UInt64, [UInt32])])
    func readsAndWritesAnEstimate(hex: String, bitsPerSecond: UInt64, sources: [UInt32]) throws {
        let packet = RTCPPacket.receiverEstimate(
            RTCPReceiverEstimate(ssrc: 1, bitsPerSecond: bitsPerSecond, sources: sources))
        #expect(try RTCPPacket.parseCompound(hexBytes(hex)) == [packet])
        #expect(RTCPPacket.serializeCompound([packet]) == hexBytes(hex))
    }

    @Test func anEstimateBeyondAllNumbersIsTheGreatest() throws {
        guard
            case .receiverEstimate(let estimate) = try RTCPPacket.parseCompound(
                hexBytes("8fce0004 00000001 00000000 52454d42 00ffffff")
            ).first
        else {
            Issue.record("no estimate")
            return
        }
        #expect(estimate.bitsPerSecond == 0x3FFFF << 46)
    }

    /// Other application layer feedback is nobody's fault.
    @Test func otherFeedbackOfApplicationsIsPassedBy() throws {
        #expect(
            try RTCPPacket.parseCompound(hexBytes("8fce0003 00000001 00000000 41424344"))
                == [.other(type: 206, count: 15, body: hexBytes("00000001 00000000 41424344"))])
        #expect(throws: RTCPError.malformed(type: 206)) {
            try RTCPPacket.parseCompound(hexBytes("8fce0004 00000001 00000000 52454d42 01000000"))
        }
    }
}
