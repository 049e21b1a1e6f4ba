import Testing

@testable import StreamProtocols

/// Sound in MP4, compared with what ffmpeg 5.1 writes by `-f mp4 -movflags frag_keyframe+empty_moov`.
@Suite struct FMP4AudioTests {
    private static func entry(_ sampleEntry: FMP4SampleEntry) throws -> BoxReader.Box {
        let bytes = FMP4InitSegment(tracks: [FMP4Track(timescale: 48_000, sampleEntry: sampleEntry)]).serialized()
        let handler = try #require(BoxReader.box("moov/trak/mdia/hdlr", in: bytes))
        #expect(handler.body[8..<12] == Array("soun".utf8)[...])
        #expect(BoxReader.box("moov/trak/mdia/minf/smhd", in: bytes)?.body == [UInt8](repeating: 0, count: 8))
        #expect(BoxReader.box("moov/trak/mdia/minf/vmhd", in: bytes) == nil)
        let track = try #require(BoxReader.box("moov/trak/tkhd", in: bytes))
        // ISO/IEC 14496-12 §8.3.2: full volume, no size.
        #expect(track.integer(at: 36, bytes: 2) == 0x0100)
        #expect(track.integer(at: 76, bytes: 8) == 0)
        #expect(BoxReader.box("moov/trak/mdia/mdhd", in: bytes)?.integer(at: 12, bytes: 4) == 48_000)
        let description = try #require(BoxReader.box("moov/trak/mdia/minf/stbl/stsd", in: bytes))
        return try #require(BoxReader.boxes(Array(description.body.dropFirst(8)))?.first)
    }

    @Test func aac() throws {
        let configuration = try #require(AACConfiguration(hexBytes("119056E500")))
        let entry = try Self.entry(.mp4a(configuration))
        #expect(entry.type == "mp4a")
        // The same fields as ffmpeg's, two channels, 16 bits, 48 kHz.
        #expect(
            [UInt8](entry.body.prefix(28))
                == hexBytes("0000000000000001 0000000000000000 0002 0010 0000 0000 bb800000"))
        let esds = try #require(BoxReader.boxes(Array(entry.body.dropFirst(28)))?.first)
        #expect(esds.type == "esds")
        // ffmpeg's 03…04 40 15…05 05 119056e500 06 02 with lengths in one byte, ES_ID 0 and no bit rates.
        #expect(
            esds.body
                == hexBytes(
                    "00000000 031c 000000 0414 4015000000 00000000 00000000 0505119056e500 060102".filter { $0 != " " })
        )
    }

    @Test func mp3() throws {
        let format = MPEGAudioFormat(version: .mpeg1, layer: 3, sampleRate: 48_000, channelCount: 2)
        let entry = try Self.entry(try #require(MediaFormat.mp3(format).sampleEntry))
        let esds = try #require(BoxReader.boxes(Array(entry.body.dropFirst(28)))?.first)
        #expect(esds.body == hexBytes("00000000 0315 000000 040d 6b15000000 00000000 00000000 060102"))
        #expect(MediaFormat.mp3(nil).sampleEntry == nil)
    }

    @Test func opus() throws {
        let entry = try Self.entry(.opus(channelCount: 2))
        #expect(entry.type == "Opus")
        let dOps = try #require(BoxReader.boxes(Array(entry.body.dropFirst(28)))?.first)
        #expect(dOps.type == "dOps")
        // ffmpeg: 00 02 0138 0000bb80 0000 00
        #expect(dOps.body == hexBytes("0002 0138 0000bb80 0000 00"))
    }

    @Test func framesOfSoundAreStoredAsTheyAre() throws {
        let sample = FMP4Sample(duration: 1024, isSync: true, payload: .frame([1, 2, 3]))
        var bytes: [UInt8] = []
        FMP4Fragment(sequenceNumber: 1, tracks: [.init(id: 2, baseMediaDecodeTime: 7, samples: [sample, sample])])
            .append(to: &bytes)
        #expect(BoxReader.box("mdat", in: bytes)?.body == [1, 2, 3, 1, 2, 3])
        let run = try #require(BoxReader.box("moof/traf/trun", in: bytes))
        // §8.8.8: flags, two samples, the data's offset; duration, size, flags (depends on no other), offset 0.
        #expect(run.integer(at: 4, bytes: 4) == 2)
        #expect(run.integer(at: 12, bytes: 8) == 1024 << 32 | 3)
        #expect(run.integer(at: 20, bytes: 8) == 0x0200_0000 << 32)
    }
}
