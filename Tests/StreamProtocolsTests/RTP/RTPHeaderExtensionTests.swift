import StreamProtocols
import Testing

@Suite struct RTPHeaderExtensionTests {
    private static let packet = RTPPacket(
        marker: true, payloadType: 96, sequenceNumber: 0x1234, timestamp: 0x5678_9ABC, ssrc: 0xCAFE_BABE,
        payload: [1, 2, 3][...])

    /// Laid out after RFC 8285 §4.2: `0xBEDE`, one word, ID 9 with a length of two (written as one less), padding.
    @Test func namesTheMediaSection() throws {
        var bytes: [UInt8] = [7]
        Self.packet.append(to: &bytes, headerExtension: RTPHeaderExtension(mid: "10", id: 9))
        #expect(bytes == [7] + hexBytes("90e01234 56789abc cafebabe bede0001 91313000 010203"))
        #expect(try RTPPacket(parsing: bytes.dropFirst()) == Self.packet)
    }

    @Test(arguments: [("0", nil), ("0", 0), ("0", 15), ("", 3), ("abcdefghijklmnopq", 3)] as [(String, UInt8?)])
    func leavesOutWhatOneByteCanNotName(mid: String, id: UInt8?) {
        var bytes: [UInt8] = []
        Self.packet.append(to: &bytes, headerExtension: RTPHeaderExtension(mid: mid, id: id))
        #expect(bytes == Self.packet.serialized())
    }

    /// The number comes first: ID 4 with two bytes, then the media section's name; alone, it takes one word.
    @Test func numbersAllOfATransportsPackets() throws {
        let both = RTPHeaderExtension(mid: "10", id: 9, transportNumberID: 4)
        #expect(both.hasTransportNumber && !RTPHeaderExtension(mid: "10", id: 9).hasTransportNumber)
        var bytes: [UInt8] = [7]
        Self.packet.append(to: &bytes, headerExtension: both, transportNumber: 0xABCD)
        #expect(bytes == [7] + hexBytes("90e01234 56789abc cafebabe bede0002 41abcd91 31300000 010203"))
        #expect(try RTPPacket(parsing: bytes.dropFirst()) == Self.packet)
        bytes = []
        Self.packet.appendRetransmission(
            to: &bytes, payloadType: 97, ssrc: 0x0102_0304, sequenceNumber: 5,
            headerExtension: RTPHeaderExtension(mid: "", id: nil, transportNumberID: 14), transportNumber: 1)
        #expect(bytes == hexBytes("90e10005 56789abc 01020304 bede0001 e1000100 1234 010203"))
    }

    /// What was written is read, among other elements, padding and contributing sources.
    @Test(
        arguments: [
            ("90e01234 56789abc cafebabe bede0002 41abcd91 31300000 010203", 4, 0xABCD),
            ("92e01234 56789abc cafebabe 00000001 00000002 bede0002 10ff0000 41abcd00 010203", 4, 0xABCD),
            // Another one; of another length; behind 15; of two-byte headers; none at all.
            ("90e01234 56789abc cafebabe bede0001 41abcd00 010203", 3, nil),
            ("90e01234 56789abc cafebabe bede0001 40ab0000 010203", 4, nil),
            ("90e01234 56789abc cafebabe bede0002 f041abcd 41abcd00 010203", 4, nil),
            ("90e01234 56789abc cafebabe 10000002 0402abcd 00000000 010203", 4, nil),
            ("80e01234 56789abc cafebabe 010203", 4, nil),
            // Shorter than it says.
            ("90e01234 56789abc cafebabe bede0002 41abcd00", 4, nil),
            ("90e01234 56789abc cafebabe bede0001 000000ff", 15, nil), ("9fe01234", 4, nil), ("", 4, nil),
        ] as [(String, UInt8, UInt16?)])
    func readsTheNumber(packet: String, id: UInt8, number: UInt16?) {
        #expect(RTPPacket.transportNumber(in: hexBytes(packet)[...], id: id) == number)
    }

    @Test("a packet goes into another stream with that stream's numbers")
    func numbersOfAnotherStream() {
        var bytes: [UInt8] = []
        Self.packet.append(
            to: &bytes,
            as: RTPPacket.Numbers(payloadType: 0x80 | 97, ssrc: 0x0102_0304, sequenceNumber: 5, timestamp: 0x0A0B_0C0D),
            headerExtension: RTPHeaderExtension(mid: "0", id: 1))
        #expect(bytes == hexBytes("90e10005 0a0b0c0d 01020304 bede0001 10300000 010203"))
    }

    /// RFC 4588 §4: the header of the other stream, with the timestamp and marker of the packet; its number before the payload.
    @Test func sendsAgainInAStreamOfItsOwn() {
        var bytes: [UInt8] = []
        Self.packet.appendRetransmission(
            to: &bytes, payloadType: 97, ssrc: 0x0102_0304, sequenceNumber: 5,
            headerExtension: RTPHeaderExtension(mid: "0", id: 1))
        #expect(bytes == hexBytes("90e10005 56789abc 01020304 bede0001 10300000 1234 010203"))
    }

    @Test func whatIsSentAgainIsWhatItWas() throws {
        var bytes: [UInt8] = []
        Self.packet.appendRetransmission(
            to: &bytes, payloadType: 97, ssrc: 0x0102_0304, sequenceNumber: 5,
            headerExtension: RTPHeaderExtension(mid: "0", id: 1))
        let again = try RTPPacket(parsing: bytes)
        #expect(RTPPacket(repeatedBy: again, payloadType: 96, ssrc: 0xCAFE_BABE) == Self.packet)
        // What fills the line has nothing to say.
        var filling = again
        filling.payload = [1]
        #expect(RTPPacket(repeatedBy: filling, payloadType: 96, ssrc: 1) == nil)
    }

    /// All of a packet for WebRTC fits in what IPv6 carries anywhere: 1280 bytes with 48 of IP and UDP.
    @Test func webRTCFitsEverywhere() {
        let payload = [UInt8](repeating: 0, count: RTPPayloadSize.webRTC)
        let packet = RTPPacket(
            marker: false, payloadType: 96, sequenceNumber: 0, timestamp: 0, ssrc: 0, payload: payload[...])
        var bytes: [UInt8] = []
        packet.appendRetransmission(
            to: &bytes, payloadType: 97, ssrc: 0, sequenceNumber: 0,
            headerExtension: RTPHeaderExtension(mid: "0123456789ab", id: 1, transportNumberID: 2))
        #expect(bytes.count + 16 + 48 <= 1280)
    }
}
