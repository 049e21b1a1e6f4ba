import StreamProtocols
import Testing

@Suite struct FMP4EventMessageTests {
    /// By ISO/IEC 23009-1 §5.10.3.3.4: version 1 has the times before the texts.
    @Test func isABoxOfVersion1() throws {
        var bytes: [UInt8] = []
        FMP4EventMessage(
            scheme: FMP4EventMessage.id3Scheme, presentationTime: 0x1_0000_0002, timescale: 90_000, data: [7, 8]
        ).append(to: &bytes)
        let box = try #require(BoxReader.box("emsg", in: bytes))
        #expect(box.integer(at: 0, bytes: 4) == 0x0100_0000)
        #expect(box.integer(at: 4, bytes: 4) == 90_000)
        #expect(box.integer(at: 8, bytes: 8) == 0x1_0000_0002)
        #expect(box.integer(at: 16, bytes: 4) == 0)
        #expect(box.integer(at: 20, bytes: 4) == 2)
        #expect(Array(box.body[24...]) == Array("https://aomedia.org/emsg/ID3".utf8) + [0, 0, 7, 8])
    }
}
