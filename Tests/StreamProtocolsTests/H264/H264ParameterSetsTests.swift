import StreamProtocols
import Testing

@Suite struct H264ParameterSetsTests {
    /// RFC 6184 §8.2.1.
    static let sprop = "Z0IACpZTBYmI,aMljiA=="

    @Test func readsAndWritesSprop() throws {
        let sets = try #require(H264ParameterSets(spropParameterSets: Self.sprop))
        #expect(sets.sps == hexBytes("6742000a9653058988"))
        #expect(sets.pps == hexBytes("68c96388"))
        #expect(sets.spropParameterSets == Self.sprop)
        #expect(sets.profileLevelID == "42000A")
        #expect(sets.codecString == "avc1.42000A")
    }

    @Test(arguments: [
        // Start codes inside, missing padding, spaces, order reversed, an empty element.
        "AAAAAWdCAAqWUwWJiA==,AAAAAWjJY4g=", "Z0IACpZTBYmI,aMljiA", " Z0IACpZTBYmI , aMljiA== ",
        "aMljiA==,Z0IACpZTBYmI",
        "Z0IACpZTBYmI,aMljiA==,",
    ])
    func toleratesWhatCamerasSend(text: String) {
        #expect(H264ParameterSets(spropParameterSets: text) == H264ParameterSets(spropParameterSets: Self.sprop))
    }

    @Test(arguments: ["", ",", "Z0IACpZTBYmI", "aMljiA==", "!!!,???"]) func needsBothSets(text: String) {
        #expect(H264ParameterSets(spropParameterSets: text) == nil)
    }

    @Test func keepsAllPictureParameterSets() throws {
        // gortsplib pull request 96 has an SPS, a PPS and an SPS extension; here a second PPS follows.
        let sets = try #require(H264ParameterSets(spropParameterSets: "Z0IACpZTBYmI,aMljiA==,aO48sA=="))
        #expect(sets.additionalPPS == [hexBytes("68ee3cb0")])
        #expect(sets.spropParameterSets == "Z0IACpZTBYmI,aMljiA==,aO48sA==")
        let record = try #require(sets.avcDecoderConfigurationRecord)
        #expect(H264ParameterSets(avcDecoderConfigurationRecord: record) == sets)
    }

    /// ISO/IEC 14496-15 §5.3.3.1; written by ffmpeg 5.1 into MP4 (x264: High profile, and High 4:2:2 with ten bits).
    @Test(arguments: [
        (
            "0164001effe1001a6764001eacd940a02ff97011000003000100000300320f162d9601000668ebe3cb22c0fdf8f800",
            "avc1.64001E"
        ),
        (
            "017a000dffe10019677a000db6cd94141fb011000003000100000300320f14299601000668ebe3cb22c0fefafa00",
            "avc1.7A000D"
        ),
    ])
    func writesTheRecordThatFFmpegWrites(hex: String, codec: String) throws {
        let record = hexBytes(hex)
        let sets = try #require(H264ParameterSets(avcDecoderConfigurationRecord: record))
        #expect(sets.avcDecoderConfigurationRecord == record)
        #expect(sets.codecString == codec)
    }

    @Test func refusesDamagedRecords() throws {
        let record = try #require(H264ParameterSets(spropParameterSets: Self.sprop)?.avcDecoderConfigurationRecord)
        for count in 0..<record.count {
            #expect(H264ParameterSets(avcDecoderConfigurationRecord: record.prefix(count)) == nil)
        }
        for bytes in Mutations(of: [record], count: 3000) {
            guard let sets = H264ParameterSets(avcDecoderConfigurationRecord: bytes) else { continue }
            #expect(sets.sps.count + sets.pps.count <= bytes.count)
        }
    }

    @Test func takesTheSetsOutOfAnAccessUnit() {
        let nalUnits: [ArraySlice<UInt8>] = [[0x09, 0xF0], [0x67, 1], [0x68, 2], [0x68, 3], [0x65, 4]]
        #expect(
            H264ParameterSets(nalUnits: nalUnits)
                == H264ParameterSets(sps: [0x67, 1], pps: [0x68, 2], additionalPPS: [[0x68, 3]])
        )
        #expect(H264ParameterSets(nalUnits: [[0x65, 4]]) == nil)
    }
}
