import Testing

@testable import StreamProtocols

@Suite struct OpusPacketTests {
    /// RFC 6716 §3.1, table 2: config in the upper five bits, the code of §3.2 in the lower two.
    @Test(
        arguments: [
            // SILK 10 and 60 ms, hybrid 20 ms, CELT 2.5 and 20 ms; one frame.
            ([0x00], 480), ([0x18], 2880), ([0x68], 960), ([0x80], 120), ([0xF8], 960),
            // Two frames, of equal and of different sizes.
            ([0xF9], 1920), ([0xFA], 1920),
            // As many as the next byte says: 3 × 20 ms, 6 × 20 ms. 7 × 20 ms is longer than 120 ms, and 0 is none.
            ([0xFB, 0x03], 2880), ([0xFB, 0xC6], 5760), ([0xFB, 0x07], 0), ([0xFB, 0x00], 0), ([0xFB], 0), ([], 0),
        ] as [([UInt8], Int)])
    func tellsHowLongItPlays(packet: [UInt8], expected: Int) {
        #expect(OpusPacket.sampleCount(of: packet[...]) == expected)
        #expect(
            MediaFormat.opus(channelCount: 2).duration(of: packet[...], clockRate: 90_000)
                == Int64(expected) * 90_000 / 48_000)
    }
}
