import StreamProtocols
import Testing

@Suite struct FMP4FragmentTests {
    private func serialized(_ fragment: FMP4Fragment) -> [UInt8] {
        var bytes: [UInt8] = []
        fragment.append(to: &bytes)
        return bytes
    }

    private let samples = [
        FMP4Sample(
            duration: 3600, compositionOffset: 7200, isSync: true, payload: .nalUnits([[0x65, 1, 2], [0x65, 3]])),
        FMP4Sample(duration: 3601, compositionOffset: -3600, isSync: false, payload: .nalUnits([[0x41]])),
    ]

    @Test func writesTheFragmentByteForByte() {
        let fragment = FMP4Fragment(
            sequenceNumber: 7,
            tracks: [.init(baseMediaDecodeTime: 0x1_2345_6789, samples: samples)]
        )
        // Laid out by hand from ISO/IEC 14496-12 §8.8.4–8.8.12 and §8.1.1.
        var expected: [UInt8] = []
        expected += [0, 0, 0, 120] + Array("moof".utf8)
        expected += [0, 0, 0, 16] + Array("mfhd".utf8) + [0, 0, 0, 0, 0, 0, 0, 7]
        expected += [0, 0, 0, 96] + Array("traf".utf8)
        expected += [0, 0, 0, 16] + Array("tfhd".utf8) + [0, 0x02, 0, 0, 0, 0, 0, 1]
        expected += [0, 0, 0, 20] + Array("tfdt".utf8) + [1, 0, 0, 0, 0, 0, 0, 1, 0x23, 0x45, 0x67, 0x89]
        expected += [0, 0, 0, 52] + Array("trun".utf8) + [1, 0, 0x0F, 0x01, 0, 0, 0, 2, 0, 0, 0, 128]
        expected += [0, 0, 0x0E, 0x10, 0, 0, 0, 13, 0x02, 0, 0, 0, 0, 0, 0x1C, 0x20]
        expected += [0, 0, 0x0E, 0x11, 0, 0, 0, 5, 0x01, 0x01, 0, 0, 0xFF, 0xFF, 0xF1, 0xF0]
        expected += [0, 0, 0, 26] + Array("mdat".utf8)
        expected += [0, 0, 0, 3, 0x65, 1, 2, 0, 0, 0, 2, 0x65, 3, 0, 0, 0, 1, 0x41]
        #expect(serialized(fragment) == expected)
    }

    /// With default-base-is-moof, data_offset counts from the first byte of the moof (§8.8.7.1).
    @Test func dataOffsetsPointAtEachTracksSamples() throws {
        let bytes = serialized(
            FMP4Fragment(
                sequenceNumber: 1,
                tracks: [
                    .init(id: 1, baseMediaDecodeTime: 0, samples: samples),
                    .init(id: 2, baseMediaDecodeTime: 0, samples: [samples[1]]),
                ]
            )
        )
        let movie = try #require(BoxReader.box("moof", in: bytes))
        let tracks = try #require(BoxReader.boxes(movie.body)).filter { $0.type == "traf" }
        let offsets = tracks.compactMap { BoxReader.box("trun", in: $0.body)?.integer(at: 8, bytes: 4) }.map(Int.init)
        try #require(offsets.count == 2)
        #expect(bytes[offsets[0]..<offsets[0] + 5] == [0, 0, 0, 3, 0x65])
        #expect(bytes[offsets[1]...] == [0, 0, 0, 1, 0x41])
    }

    @Test func appendsWithoutTouchingWhatIsThere() throws {
        var bytes: [UInt8] = []
        let fragment = FMP4Fragment(sequenceNumber: 1, tracks: [.init(baseMediaDecodeTime: 0, samples: samples)])
        fragment.append(to: &bytes)
        let length = bytes.count
        fragment.append(to: &bytes)
        #expect(Array(bytes[..<length]) == Array(bytes[length...]))
        #expect(BoxReader.boxes(bytes)?.map(\.type) == ["moof", "mdat", "moof", "mdat"])
    }
}
