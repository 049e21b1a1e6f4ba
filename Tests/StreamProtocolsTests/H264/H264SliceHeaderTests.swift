import StreamProtocols
import Testing

@Suite struct H264SliceHeaderTests {
    /// The first bytes of pictures in decoding order, made by x264 (ffmpeg 5.1) with two B-frames, and what ffmpeg's
    /// `trace_headers` reads in them.
    static let sps = hexBytes("6764001eacd940a02ff97011000003000100000300320f162d96")
    static let pictures: [(hex: String, type: H264SliceHeader.SliceType, lsb: UInt32)] = [
        ("658884002bfffef6737c0a6b6db0952e0576f76c", .i, 0),
        ("419a236c42bffe3841e5e48156c0643a60993d24", .p, 6),
        ("419e4178857f00f801aa2c536fc7b5f940169c17", .b, 2),
        ("019e626a42bf00000300024aef50180049bb21a9", .b, 4),
        ("419a6649a84168994c0857fffe3841fff83c485c", .p, 12),
        ("419e8445112c2bff003b56cb0555b60017ec2c69", .b, 8),
    ]

    @Test func readsTypesAndOrder() throws {
        let sps = try H264SPS(Self.sps)
        for picture in Self.pictures {
            let header = try H264SliceHeader(hexBytes(picture.hex)[...], sps: sps)
            #expect(header.sliceType == picture.type)
            #expect(header.pictureOrderCountLSB == picture.lsb)
            #expect(header.firstMBInSlice == 0)
            #expect(H264SliceHeader.sliceType(of: hexBytes(picture.hex)[...]) == picture.type)
        }
        #expect(Self.pictures.contains { $0.type == .b })
    }

    @Test func withoutSPSTheOrderIsUnknown() throws {
        let picture = try #require(Self.pictures.first)
        #expect(try H264SliceHeader(hexBytes(picture.hex)[...]).pictureOrderCountLSB == nil)
    }

    @Test func onlySlicesHaveAType() {
        for nalUnit: [UInt8] in [[], [0x67, 0x88], [0x68, 0x88], [0x06, 0x88], [0x09, 0xF0], [0x65], [0x63, 0x88]] {
            #expect(H264SliceHeader.sliceType(of: nalUnit[...]) == nil)
        }
        // ue(10), which is above the 9 of table 7-6: 1 for first_mb_in_slice, then 0001011.
        #expect(throws: BitstreamError.outOfRange("slice_type")) {
            try H264SliceHeader([0x41, 0b1000_1011, 0x80])
        }
    }

    @Test func damagedSlicesNeverTrap() throws {
        let sps = try H264SPS(Self.sps)
        for bytes in Mutations(of: Self.pictures.map { hexBytes($0.hex) }, count: 5000) {
            _ = try? H264SliceHeader(bytes[...], sps: sps)
        }
    }
}
