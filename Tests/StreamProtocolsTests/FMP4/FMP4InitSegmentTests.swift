import StreamProtocols
import Testing

@Suite struct FMP4InitSegmentTests {
    /// A record as ISO/IEC 14496-15 §5.3.3.1 has it: Baseline 3.1, four-byte lengths, one SPS and one PPS.
    private let record: [UInt8] = [
        1, 0x42, 0xC0, 0x1F, 0xFF, 0xE1, 0, 4, 0x67, 0x42, 0xC0, 0x1F, 1, 0, 2, 0x68, 0xCE,
    ]

    private var bytes: [UInt8] {
        let entry = FMP4SampleEntry.avc1(width: 1280, height: 720, decoderConfigurationRecord: record)
        return FMP4InitSegment(tracks: [FMP4Track(sampleEntry: entry)]).serialized()
    }

    /// RFC 8216 §3.3: a File Type Box with brand iso6 or better, then a Movie Box with Movie Extends and no samples.
    @Test func hasTheBoxesThatHLSAsksFor() throws {
        let boxes = try #require(BoxReader.boxes(bytes))
        #expect(boxes.map(\.type) == ["ftyp", "moov"])
        #expect(boxes[0].body.prefix(4) == Array("iso6".utf8)[...])
        let movie = try #require(BoxReader.boxes(boxes[1].body))
        #expect(movie.map(\.type) == ["mvhd", "trak", "mvex"])
        let table = try #require(BoxReader.box("moov/trak/mdia/minf/stbl", in: bytes))
        let tables = try #require(BoxReader.boxes(table.body))
        #expect(tables.map(\.type) == ["stsd", "stts", "stsc", "stsz", "stco"])
        for empty in tables.dropFirst() { #expect(empty.body.allSatisfy { $0 == 0 }) }
    }

    @Test func describesTheTrack() throws {
        let header = try #require(BoxReader.box("moov/trak/tkhd", in: bytes))
        // Version 0 (§8.3.2.2): 84 bytes, flags, track_ID after two times, size in 16.16 at the end.
        #expect(header.body.count == 84)
        #expect(header.integer(at: 0, bytes: 4) == 7)
        #expect(header.integer(at: 12, bytes: 4) == 1)
        #expect(header.integer(at: 76, bytes: 4) == 1280 << 16)
        #expect(header.integer(at: 80, bytes: 4) == 720 << 16)
        let media = try #require(BoxReader.box("moov/trak/mdia/mdhd", in: bytes))
        #expect(media.integer(at: 12, bytes: 4) == 90_000)
        let extends = try #require(BoxReader.box("moov/mvex/trex", in: bytes))
        #expect(extends.integer(at: 4, bytes: 4) == 1)
        let movie = try #require(BoxReader.box("moov/mvhd", in: bytes))
        #expect(movie.body.count == 100)
        #expect(movie.integer(at: 96, bytes: 4) == 2)
    }

    @Test func carriesTheDecoderConfiguration() throws {
        let description = try #require(BoxReader.box("moov/trak/mdia/minf/stbl/stsd", in: bytes))
        #expect(description.integer(at: 4, bytes: 4) == 1)
        let entry = try #require(BoxReader.boxes(Array(description.body.dropFirst(8)))?.first)
        #expect(entry.type == "avc1")
        // VisualSampleEntry (§12.1.3.2): size after 24 bytes, children after 78.
        #expect(entry.integer(at: 24, bytes: 2) == 1280)
        #expect(entry.integer(at: 26, bytes: 2) == 720)
        let children = try #require(BoxReader.boxes(Array(entry.body.dropFirst(78))))
        #expect(children.map(\.type) == ["avcC"])
        #expect(children.first?.body == record)
    }
}
