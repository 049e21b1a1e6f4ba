import StreamProtocols
import TestSupport
import Testing

@Suite struct AnnexBTests {
    /// mediacommon pkg/codecs/h264/annexb_test.go and ITU-T H.264 §B.1.
    @Test(
        arguments: [
            ("00000001 aabb 00000001 ccdd 00000001 eeff", ["aabb", "ccdd", "eeff"]),
            ("000001 aabb 000001 ccdd", ["aabb", "ccdd"]),
            ("00000001 aabb 000001 cc", ["aabb", "cc"]),
            ("000000000001 aa 0000 00000001 bb 000000", ["aa", "bb"]),
            ("000001 000001 aa", ["aa"]),
            ("000001 aa000003 01 000001 bb", ["aa00000301", "bb"]),
            ("ff ff 000001 aa", ["aa"]),
            ("aabb", []), ("", []), ("000001", []), ("0000", []),
        ] as [(String, [String])])
    func splits(hex: String, expected: [String]) {
        #expect(AnnexB.split(hexBytes(hex)).map { [UInt8]($0) } == expected.map(hexBytes))
    }

    @Test func joinsAndSplitsRandomUnits() {
        var generator = SeededGenerator(seed: 5)
        for _ in 0..<300 {
            // Bytes of 0…4 make start codes and escapes likely; a unit holds none and does not end in zero.
            let units: [[UInt8]] = (0..<4).map { _ in
                let bytes = (0..<Int.random(in: 1...40, using: &generator)).map { _ in
                    UInt8.random(in: 0...4, using: &generator)
                }
                return escape(bytes) + [0x80]
            }
            #expect(AnnexB.split(AnnexB.join(units.map { $0[...] })).map { [UInt8]($0) } == units)
        }
    }

    /// ITU-T H.264 §7.4.1: an emulation prevention byte behind each pair of zeros.
    private func escape(_ bytes: [UInt8]) -> [UInt8] {
        var escaped: [UInt8] = []
        for byte in bytes {
            if byte <= 3, escaped.suffix(2) == [0, 0] { escaped.append(3) }
            escaped.append(byte)
        }
        return escaped
    }
}

@Suite struct LengthPrefixedNALUnitsTests {
    @Test func splitsAndJoins() {
        let bytes = hexBytes("00000002 aabb 00000001 cc")
        #expect(LengthPrefixedNALUnits.split(bytes[...])?.map { [UInt8]($0) } == [[0xAA, 0xBB], [0xCC]])
        var written: [UInt8] = []
        LengthPrefixedNALUnits.append([[0xAA, 0xBB], [0xCC]], to: &written)
        #expect(written == bytes)
        #expect(LengthPrefixedNALUnits.split(hexBytes("0002aabb 0000 0001cc")[...], lengthSize: 2)?.count == 2)
    }

    @Test func refusesWrongLengths() {
        for hex in ["00000003aabb", "ffffffffaa", "0000", "000000"] {
            #expect(LengthPrefixedNALUnits.split(hexBytes(hex)[...]) == nil)
        }
        #expect(LengthPrefixedNALUnits.split([], lengthSize: 3) == nil)
    }
}

@Suite struct H264NALTypeTests {
    /// ITU-T H.264 table 7-1.
    @Test func knowsTheTypes() {
        for raw in UInt8(0)..<32 { #expect(H264NALType(rawValue: raw).rawValue == raw) }
        #expect(H264NALType(of: [0x67]) == .sps)
        #expect(H264NALType(of: [0x41]) == .nonIDRSlice)
        #expect(H264NALType(of: [] as [UInt8]) == nil)
        #expect((0..<32).filter { H264NALType(rawValue: $0).isVCL } == [1, 2, 3, 4, 5])
    }
}
