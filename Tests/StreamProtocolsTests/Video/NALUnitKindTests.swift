import StreamProtocols
import Testing

@Suite struct NALUnitKindTests {
    /// Types by ITU-T H.264 table 7-1 and H.265 table 7-1; an H.265 header is the type shifted by one, then layer 0 and
    /// temporal id 1.
    @Test(
        arguments: [
            (.h264, 1, .slice), (.h264, 2, .slice), (.h264, 3, .slice), (.h264, 5, .randomAccessSlice),
            (.h264, 6, .other), (.h264, 7, .parameterSet), (.h264, 8, .parameterSet), (.h264, 9, .accessUnitDelimiter),
            (.h264, 10, .framing), (.h264, 11, .framing), (.h264, 12, .framing), (.h264, 13, .other),
            (.h265, 0, .slice), (.h265, 1, .slice), (.h265, 5, .slice), (.h265, 6, .leadingSlice),
            (.h265, 9, .leadingSlice), (.h265, 10, .slice), (.h265, 16, .randomAccessSlice),
            (.h265, 19, .randomAccessSlice), (.h265, 21, .randomAccessSlice), (.h265, 23, .randomAccessSlice),
            (.h265, 24, .other), (.h265, 32, .parameterSet), (.h265, 33, .parameterSet), (.h265, 34, .parameterSet),
            (.h265, 35, .accessUnitDelimiter), (.h265, 36, .framing), (.h265, 37, .framing), (.h265, 38, .framing),
            (.h265, 39, .other), (.h265, 40, .other), (.h265, 48, .other),
        ] as [(VideoCodec, UInt8, NALUnitKind)])
    func tells(codec: VideoCodec, type: UInt8, expected: NALUnitKind) {
        let nalUnit: [UInt8] = codec == .h264 ? [0x60 | type] : [type << 1, 1]
        #expect(codec.kind(of: nalUnit[...]) == expected)
    }

    @Test func halfAHeaderIsNothing() {
        #expect(VideoCodec.h264.kind(of: []) == .other)
        #expect(VideoCodec.h265.kind(of: [0x26]) == .other)
    }

    @Test func reorderedPictures() {
        // ITU-T H.264 §7.3.3: first_mb_in_slice ue(0), then slice_type ue(1), B, or ue(0), P.
        #expect(VideoCodec.h264.isReordered([0x41, 0b1010_1000]))
        #expect(!VideoCodec.h264.isReordered([0x41, 0b1110_0000]))
        // RASL_N, and a trailing picture.
        #expect(VideoCodec.h265.isReordered([8 << 1, 1, 0x80]))
        #expect(!VideoCodec.h265.isReordered([1 << 1, 1, 0x80]))
    }
}
