import StreamProtocols
import Testing

@Suite struct H264SPSTests {
    struct Case: Sendable {
        var name: String
        var hex: String
        var profile: UInt8
        var level: UInt8
        var width: Int
        var height: Int
        var frameRate: Double?
        var maxNumReorderFrames: UInt32?
        var reorderDepth: Int
    }

    /// mediacommon pkg/codecs/h264/sps_test.go, and parameter sets of x264 and cameras as ffmpeg 5.1 reads them
    /// (`-bsf:v trace_headers`).
    static let cases = [
        Case(
            name: "352x288", hex: "6764000cac3b50b04b42000003000200000 3003d08",
            profile: 100, level: 12, width: 352, height: 288, frameRate: 15, reorderDepth: 0
        ),
        Case(
            name: "1280x720", hex: "6764001facd9405005bb016c80000003008000001e078c18cb",
            profile: 100, level: 31, width: 1280, height: 720, frameRate: 30, maxNumReorderFrames: 2, reorderDepth: 2
        ),
        Case(
            name: "baseline, cropped", hex: "6742c028d900780227e5840000030004000003 00f03c60c920",
            profile: 66, level: 40, width: 1920, height: 1080, frameRate: 30, maxNumReorderFrames: 0, reorderDepth: 0
        ),
        Case(
            name: "NVIDIA", hex: "67640028acd940780227e5840000030004000003 00f03c60c658",
            profile: 100, level: 40, width: 1920, height: 1080, frameRate: 30, maxNumReorderFrames: 2, reorderDepth: 2
        ),
        Case(
            name: "interlaced", hex: "67640029ac133140780447de03ea020203e000000300200000065 2",
            profile: 100, level: 41, width: 1920, height: 1080, frameRate: 25, reorderDepth: 4
        ),
        Case(
            name: "Hikvision", hex: "67640020ac172a01401e68400001c2000057e421",
            profile: 100, level: 32, width: 1280, height: 960, frameRate: 25, reorderDepth: 4
        ),
        Case(
            name: "scaling matrix",
            hex: "67640032ad84010c20086100430802184010c200843b50140 05ad370101014000003000400000300a210",
            profile: 100, level: 50, width: 2560, height: 1440, frameRate: 20, reorderDepth: 0
        ),
        Case(
            name: "nvenc with HRD",
            hex: "6764002aac2cac0780227e5c05a808080a000007d00003a981c000004c4b00002625adde5c14",
            profile: 100, level: 42, width: 1920, height: 1080, frameRate: 60, reorderDepth: 4
        ),
        Case(
            name: "Hikvision with NAL and VCL HRD",
            hex: "674d00299a6403c0113f2e02dc04040500000303e80000c350e86000bab40002eac4bbcb8d0c00175680005d58977970a0",
            profile: 77, level: 41, width: 1920, height: 1080, frameRate: 25, reorderDepth: 4
        ),
        Case(
            name: "x264 medium, 2 B-frames", hex: "6764001eacd940a02ff97011000003000100000300320f162d96",
            profile: 100, level: 30, width: 640, height: 360, frameRate: 25, maxNumReorderFrames: 2, reorderDepth: 2
        ),
        Case(
            name: "gst x264enc without B-frames", hex: "6742c01ed900a02ff97016a0c0c0d4a00000030020000006 51e2c5c9",
            profile: 66, level: 30, width: 640, height: 360, frameRate: 25, maxNumReorderFrames: 0, reorderDepth: 0
        ),
        Case(
            name: "without usability information but a colour description", hex: "2764001eac5680a03da6a02020c040",
            profile: 100, level: 30, width: 640, height: 480, frameRate: nil, reorderDepth: 6
        ),
    ]

    @Test(arguments: cases) func reads(testCase: Case) throws {
        let sps = try H264SPS(hexBytes(testCase.hex))
        #expect(sps.profileIDC == testCase.profile)
        #expect(sps.levelIDC == testCase.level)
        #expect(sps.width == testCase.width)
        #expect(sps.height == testCase.height)
        #expect(sps.frameRate == testCase.frameRate)
        #expect(sps.maxNumReorderFrames == testCase.maxNumReorderFrames)
        #expect(sps.reorderDepth == testCase.reorderDepth)
        #expect(sps.chromaFormatIDC == 1)
        #expect(sps.bitDepthLuma == 8)
    }

    @Test func everyPrefixIsRefusedOrReadsTheSameSize() throws {
        for testCase in Self.cases {
            let bytes = hexBytes(testCase.hex)
            for count in 0..<bytes.count {
                guard let sps = try? H264SPS(bytes.prefix(count)) else { continue }
                #expect(sps.width == testCase.width)
                #expect(sps.height == testCase.height)
            }
        }
    }

    @Test func refusesOtherUnits() {
        #expect(throws: BitstreamError.truncated) { try H264SPS([]) }
        #expect(throws: BitstreamError.unexpectedType(8)) { try H264SPS([0x68, 0xCE]) }
        // A code of 32 or more zeros (§9.1).
        #expect(throws: BitstreamError.invalidCode) {
            try H264SPS([0x67, 66, 0, 30, 0, 0, 0, 0, 0x08])
        }
    }

    @Test func damagedSetsNeverTrapAndStayInBounds() {
        for bytes in Mutations(of: Self.cases.map { hexBytes($0.hex) }, count: 10_000) {
            guard let sps = try? H264SPS(bytes) else { continue }
            #expect((1...32_768).contains(sps.width))
            #expect((1...32_768).contains(sps.height))
            #expect((0...16).contains(sps.reorderDepth))
            if let rate = sps.frameRate { #expect(rate > 0 && rate <= 1000) }
            _ = H264ParameterSets(sps: bytes, pps: [0x68]).avcDecoderConfigurationRecord
        }
    }
}
