import StreamProtocols
import Testing

@Suite struct H265ParameterSetsTests {
    /// What ffmpeg 5.1 writes into `hvcC` for the same sets; it knows min_spatial_segmentation_idc as 0 as well.
    @Test(
        arguments: [
            (
                H265Samples.plain,
                "0101600000009000000000005df000fcfdf8f800000f03a00001001840010c01ffff01600000030090000003000003005dba0240"
                    + "a10001002942010101600000030090000003000003005da00280802d165ba4a4c2f0168080000003008000000c84"
                    + "a2000100064401c0718312"
            ),
            (
                H265Samples.tenBits,
                "01022000000090000000000078f000fcfdfafa00000f03a00001001840010c01ffff022000000300900000030000030078959409"
                    + "a10001002b420101022000000300900000030000030078a003c0801107cad965654a4c2f01680800001f480003a98040"
                    + "a2000100064401c073c189"
            ),
        ])
    func writesAndReadsTheRecord(sets: H265ParameterSets, hex: String) {
        #expect(sets.hevcDecoderConfigurationRecord == hexBytes(hex))
        #expect(H265ParameterSets(hevcDecoderConfigurationRecord: hexBytes(hex)) == sets)
        #expect(VideoCodec.h265.nalUnitLengthSize(extradata: hexBytes(hex)) == 4)
        #expect(VideoCodec.h265.nalUnitLengthSize(extradata: [0, 0, 0, 1] + sets.vps + sets.sps) == nil)
    }

    /// GStreamer 1.22's `gst_codec_utils_caps_get_mime_codec` for the same records; the last is the example of ISO/IEC
    /// 14496-15 annex E.3, whose constraint byte is B0.
    @Test(
        arguments: [
            (H265Samples.plain.sps, "hvc1.1.6.L93.90"),
            (H265Samples.tenBits.sps, "hvc1.2.4.L120.90"),
            (
                hexBytes("42010101600000030040000003000003003ca00b08048596e92930bc05a1a0000003002000000301ec019289c0"),
                "hvc1.1.6.L60.40"
            ),
            (
                hexBytes("420101016000000300b0000003000003005da00280802d1636b924cbf0080000030008000003019508"),
                "hvc1.1.6.L93.B0"
            ),
        ])
    func namesTheCodec(sps: [UInt8], expected: String) {
        var sets = H265Samples.plain
        sets.sps = sps
        #expect(MediaFormat.h265(sets).codecString == expected)
    }

    @Test func findsTheSetsOfAnAccessUnit() {
        let sets = H265Samples.plain
        let slice: [UInt8] = [0x28, 0x01, 0xAD]
        let all: [[UInt8]] = [[0x46, 0x01, 0x50], sets.pps, sets.vps, slice, sets.sps, [0x44, 0x01, 0xFF]]
        let units = all.map { $0[...] }
        let found = H265ParameterSets(nalUnits: units)
        #expect(found?.nalUnits == [sets.vps, sets.sps, sets.pps, [0x44, 0x01, 0xFF]])
        for missing in [1, 2, 4] {
            var without = units
            without.remove(at: missing)
            // Without the first PPS there is still the second.
            #expect((H265ParameterSets(nalUnits: without) == nil) == (missing != 1))
        }
    }

    @Test func describesTheTrack() throws {
        let entry = try #require(MediaFormat.h265(H265Samples.plain).sampleEntry)
        let bytes = FMP4InitSegment(tracks: [FMP4Track(sampleEntry: entry)]).serialized()
        let description = try #require(BoxReader.box("moov/trak/mdia/minf/stbl/stsd", in: bytes))
        let box = try #require(BoxReader.boxes(Array(description.body.dropFirst(8)))?.first)
        #expect(box.type == "hvc1")
        #expect((box.integer(at: 24, bytes: 2), box.integer(at: 26, bytes: 2)) == (1280, 720))
        let children = try #require(BoxReader.boxes(Array(box.body.dropFirst(78))))
        #expect(children.map(\.type) == ["hvcC"])
        #expect(children.first?.body == H265Samples.plain.hevcDecoderConfigurationRecord)
    }

    @Test func damagedRecordsNeverTrap() throws {
        let seeds = try [H265Samples.plain, H265Samples.tenBits].map {
            try #require($0.hevcDecoderConfigurationRecord)
        }
        for bytes in Mutations(of: seeds, count: 5000) {
            let sets = MediaFormat(codec: .h265, decoderConfigurationRecord: bytes)
            _ = sets?.sampleEntry
            _ = sets?.codecString
        }
    }
}
