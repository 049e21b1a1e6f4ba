import StreamProtocols
import Testing

@Suite struct H265SPSTests {
    struct Case: Sendable {
        var name: String
        var hex: String
        var profile: UInt8 = 1
        var level: UInt8
        var width: Int
        var height: Int
        var rate: Double?
        var reorder: UInt32 = 0
        var bitDepth: UInt8 = 8
        var chroma: UInt8 = 1
        var isFieldSequence = false
    }

    /// mediacommon pkg/codecs/h265/sps_test.go, and libx265 as ffmpeg 5.1 reads it (`-bsf:v trace_headers`, ffprobe).
    static let cases = [
        Case(
            name: "1920x1080",
            hex: "4201010160000003009000000300000300 78a003c0801 0e5966669 24cae01000000300100000030 1e080",
            level: 120, width: 1920, height: 1080, rate: 30, reorder: 2),
        Case(
            name: "1920x800",
            hex: "42010101600000030090000003000003 0078a003c0803216595 9a4932bc05a80808082000007d20000bb8010",
            level: 120, width: 1920, height: 800, rate: 24000.0 / 1001, reorder: 2),
        Case(
            name: "4:4:4, 12 bits",
            hex: """
                42010104080000030098080000030000 5d900050 1005a2294b74 94985ffe00020002d404040410000003001000000301e080
                """,
            profile: 4, level: 93, width: 1280, height: 720, rate: 30, bitDepth: 12, chroma: 3),
        Case(
            name: "10 bits, High tier",
            hex: "42010122200000030090000003000003 0078a003c08010e4d9666692 4caf01010000030064 00000bb508",
            profile: 2, level: 120, width: 1920, height: 1080, rate: 29.97, reorder: 2, bitDepth: 10),
        Case(
            name: "nvenc, with a reference picture set",
            hex: """
                420101014000000300000300000300000 3007ba003c0801107cb96b4a4 2592e3016a020202080000030008000003 01e3
                002ef28800072 70c00009896 82
                """,
            level: 123, width: 1920, height: 1080, rate: 60),
        Case(
            name: "Avigilon, with PCM",
            hex: """
                420101016000000300800000030000030096a001802006c1fe36bbb5377725d602dc0404041000003e8000042687 21dee510
                016e20 0066ff000b71000337f880
                """,
            level: 150, width: 3072, height: 1728, rate: 17),
        Case(
            name: "long-term reference pictures",
            hex: "4201010160000003 00b0000003000003005da00280802d1636b924cbf008000003000800000301 9508",
            level: 93, width: 1280, height: 720, rate: 50),
        Case(
            name: "x265, zero latency",
            hex: "42010101600000030090000003000003005da00280802d165ba4a4c2f0168080000003008000000c84",
            level: 93, width: 1280, height: 720, rate: 25),
        Case(
            name: "x265, cropped, 10 bits, B-frames",
            hex: "420101022000000300900000030000030078a003c0801107cad965654a4c2f01680800001f480003a98040",
            profile: 2, level: 120, width: 1920, height: 1080, rate: 30000.0 / 1001, reorder: 2, bitDepth: 10),
        Case(
            name: "x265, fields and HRD",
            hex: """
                42010101600000030040000003000003003ca00b08048596e92930bc05a1a0000003002000000301ec019289c003d08000f42440
                """,
            level: 60, width: 352, height: 288, rate: 15, isFieldSequence: true),
        Case(
            name: "x265, odd size, default scaling lists",
            hex: "42010101600000030090000003000003003fa005120171c9265959a49395e08d404040410000030001000003000c08",
            level: 63, width: 642, height: 362, rate: 12, reorder: 2),
    ]

    @Test(arguments: cases) func reads(_ expected: Case) throws {
        let sps = try H265SPS(hexBytes(expected.hex)[...])
        #expect(sps.profileTierLevel.profileIDC == expected.profile)
        #expect(sps.profileTierLevel.levelIDC == expected.level)
        #expect((sps.width, sps.height) == (expected.width, expected.height))
        let rate = try #require(sps.pictureRate)
        #expect(abs(rate - (expected.rate ?? 0)) < 0.001)
        #expect(sps.maxNumReorderPics == expected.reorder)
        #expect((sps.bitDepthLuma, sps.bitDepthChroma) == (expected.bitDepth, expected.bitDepth))
        #expect(sps.chromaFormatIDC == expected.chroma)
        #expect(sps.isFieldSequence == expected.isFieldSequence)
    }

    @Test func aShortSetIsReadAsFarAsItGoes() throws {
        let whole = H265Samples.plain.sps
        // Size and order are there, the usability information is cut off.
        let cut = try H265SPS(whole.prefix(31))
        #expect((cut.width, cut.height, cut.pictureRate) == (1280, 720, nil))
        #expect(throws: BitstreamError.truncated) { try H265SPS(whole.prefix(20)) }
        #expect(throws: BitstreamError.truncated) { try H265SPS([]) }
        #expect(throws: BitstreamError.unexpectedType(32)) { try H265SPS(H265Samples.plain.vps[...]) }
    }

    @Test func damagedSetsNeverTrap() {
        let seeds = Self.cases.map { hexBytes($0.hex) }
        var readable = 0
        for bytes in Mutations(of: seeds, count: 20_000) {
            guard let sps = try? H265SPS(bytes[...]) else { continue }
            readable += 1
            #expect(sps.width > 0 && sps.height > 0 && sps.width < 20_000 && sps.height < 20_000)
            #expect((0...1000).contains(sps.pictureRate ?? 0))
        }
        #expect(readable > 1000)
    }
}
