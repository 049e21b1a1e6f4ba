import Testing

@testable import StreamProtocols

@Suite("MPEG-TS demuxer")
struct TSDemuxerTests {
    static let sets = H264ParameterSets(
        sps: [0x67, 0x42, 0xC0, 0x1E, 0xD9, 0x00, 0xA0, 0x47, 0xFE, 0xC8], pps: [0x68, 0xCE, 0x3C, 0x80])
    /// AAC-LC of 48 kHz, stereo.
    static let aac: [UInt8] = [0x11, 0x90]
    static let frameDuration: Int64 = 1920

    /// A picture of so many bytes, the first ones with their parameter sets.
    static func picture(isKeyframe: Bool, hasSets: Bool = true, byteCount: Int = 700) -> [[UInt8]] {
        let slice: [UInt8] =
            [isKeyframe ? 0x65 : 0x41, 0x9A] + (2..<byteCount).map { UInt8(truncatingIfNeeded: $0) | 1 }
        return (isKeyframe && hasSets ? sets.nalUnits : []) + [slice]
    }

    /// Ten pictures of 25 a second with keyframes at 0 and 5, and sound.
    static func stream(from time: Int64 = 90_000) throws -> [UInt8] {
        let aac = try #require(AACConfiguration(aac))
        var muxer = TSMuxer(streams: [
            try #require(TSElementaryStream(.h264(nil))), try #require(TSElementaryStream(.aac(aac), pid: 0x101)),
        ])
        var bytes: [UInt8] = []
        for index in 0..<10 {
            let now = time + Int64(index) * 3600
            if index % 5 == 0 { muxer.appendTables(to: &bytes) }
            muxer.appendVideo(
                nalUnits: picture(isKeyframe: index % 5 == 0).map { $0[...] }, presentationTime: now, decodeTime: now,
                isRandomAccess: index % 5 == 0, to: &bytes)
            for frame in 0..<2 {
                muxer.appendAudio(
                    frame: [UInt8](repeating: UInt8(2 * index + frame), count: 200)[...],
                    presentationTime: time + Int64(2 * index + frame) * frameDuration, streamIndex: 1, to: &bytes)
            }
        }
        return bytes
    }

    static func outputs(
        of bytes: [UInt8], pieceSize: Int = 1316, by demuxer: inout TSDemuxer
    ) throws -> [TSDemuxer.Output] {
        var outputs: [TSDemuxer.Output] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            outputs += try demuxer.receive(rest.prefix(pieceSize))
            rest = rest.dropFirst(pieceSize)
        }
        return outputs
    }

    static func samples(_ outputs: [TSDemuxer.Output], ofTrack index: Int) -> [Sample] {
        outputs.compactMap { if case .sample(let sample, track: index) = $0 { sample } else { nil } }
    }

    /// Without the delimiter that the muxer writes.
    static func nalUnits(_ sample: Sample) -> [[UInt8]] {
        sample.nalUnits.filter { VideoCodec.h264.kind(of: $0) != .accessUnitDelimiter }.map { [UInt8]($0) }
    }

    static func steps(_ count: Int64, of size: Int64) -> [Int64] { (0..<count).map { $0 * size } }

    /// Each of the bytes of its number.
    static func frames(_ count: UInt8, ofByteCount byteCount: Int) -> [Sample.Payload] {
        (0..<count).map { .frame([UInt8](repeating: $0, count: byteCount)[...]) }
    }

    /// The positions of the packets of one PID.
    static func packets(of pid: Int, in bytes: [UInt8]) -> [Int] {
        stride(from: 0, to: bytes.count, by: 188).filter {
            Int(bytes[$0 + 1] & 0x1F) << 8 | Int(bytes[$0 + 2]) == pid
        }
    }

    static func removing(_ position: Int, from bytes: [UInt8]) -> [UInt8] {
        [UInt8](bytes[..<position]) + [UInt8](bytes[(position + 188)...])
    }

    // MARK: Whole streams

    @Test("what the muxer has written comes back, however it is cut", arguments: [1, 7, 188, 189, 1316, 1 << 20])
    func roundTrip(pieceSize: Int) throws {
        var demuxer = TSDemuxer()
        let outputs = try Self.outputs(of: try Self.stream(), pieceSize: pieceSize, by: &demuxer)
        let configuration = try #require(AACConfiguration(Self.aac))
        #expect(outputs.first == .tracks([.h264(Self.sets), .aac(configuration)]))
        let pictures = Self.samples(outputs, ofTrack: 0)
        #expect(pictures.map(Self.nalUnits) == (0..<10).map { Self.picture(isKeyframe: $0 % 5 == 0) })
        #expect(pictures.map(\.isRandomAccess) == (0..<10).map { $0 % 5 == 0 })
        let sounds = Self.samples(outputs, ofTrack: 1)
        #expect(sounds.map(\.payload) == Self.frames(20, ofByteCount: 200))
        // Both clocks begin at one moment.
        let first = try #require(pictures.first).presentationTime
        #expect(pictures.map { $0.presentationTime - first } == Self.steps(10, of: 3600))
        #expect(sounds.map { $0.presentationTime - first * 48 / 90 } == Self.steps(20, of: 1024))
        #expect(demuxer.lossCount == 0 && demuxer.unsupported.isEmpty)
    }

    /// 33 bits wrap after 26.5 hours, those of the clock half a second later (§2.4.2.2, §2.4.3.7).
    @Test(arguments: [-3600, -7200, 37_800, 41_400] as [Int64])
    func timesGoOnWhereTheyWrap(offset: Int64) throws {
        var demuxer = TSDemuxer()
        let outputs = try Self.outputs(of: try Self.stream(from: 1 << 33 + offset), by: &demuxer)
        let times = Self.samples(outputs, ofTrack: 0).map(\.presentationTime)
        #expect(zip(times, times.dropFirst()).allSatisfy { $1 - $0 == 3600 } && times.count == 10)
        let sounds = Self.samples(outputs, ofTrack: 1).map(\.presentationTime)
        #expect(zip(sounds, sounds.dropFirst()).allSatisfy { $1 - $0 == 1024 } && sounds.count == 20)
    }

    @Test("a picture that does not say how long it is ends where the next begins", arguments: [65_600, 200_000])
    func longPictures(byteCount: Int) throws {
        var muxer = TSMuxer(streams: [try #require(TSElementaryStream(.h264(nil)))])
        var bytes: [UInt8] = []
        muxer.appendTables(to: &bytes)
        let long = Self.picture(isKeyframe: true, byteCount: byteCount)
        for (index, units) in [long, Self.picture(isKeyframe: false)].enumerated() {
            let time = Int64(index) * 3600
            muxer.appendVideo(
                nalUnits: units.map { $0[...] }, presentationTime: time, decodeTime: time, isRandomAccess: index == 0,
                to: &bytes)
        }
        var demuxer = TSDemuxer()
        let pictures = Self.samples(try Self.outputs(of: bytes, by: &demuxer), ofTrack: 0)
        #expect(pictures.map(Self.nalUnits) == [long, Self.picture(isKeyframe: false)])
    }

    /// As GStreamer writes what has come to it by RTP: a packet for each NAL unit, and a time in the first.
    @Test func aPictureMayLieInManyPackets() throws {
        var bytes = Self.tables(Self.programMap([(0x1B, 0x100, [])]))
        var writer = TSPacketWriter(pid: 0x100)
        func write(_ unit: [UInt8], at time: Int64?) {
            var pes: [UInt8] = [0, 0, 1, 0xE0, 0, 0, 0x80, 0, 0]
            if let time {
                pes = []
                PESPacket.appendHeader(streamID: 0xE0, presentationTime: time, decodeTime: time, to: &pes)
            }
            pes += AnnexB.join([unit[...]])
            PESPacket.setLength(of: &pes)
            writer.append(pes: pes, adaptation: nil, to: &bytes)
        }
        // Of two slices each.
        let pictures = (0..<3).map { Self.picture(isKeyframe: $0 == 0) + [[0x41, 0x1A, 7]] }
        for (index, picture) in pictures.enumerated() {
            write([0x09, 0xF0], at: Int64(index) * 3600)
            for unit in picture { write(unit, at: nil) }
        }
        var demuxer = TSDemuxer()
        let samples = Self.samples(try Self.outputs(of: bytes, by: &demuxer), ofTrack: 0)
        // The last may have a further slice.
        #expect(samples.map(Self.nalUnits) == [pictures[0], pictures[1]])
        #expect(zip(samples, samples.dropFirst()).allSatisfy { $1.presentationTime - $0.presentationTime == 3600 })
        #expect(demuxer.lossCount == 0)
    }

    @Test func h265AndMP3ComeBack() throws {
        let mp3 = MPEGAudioFormat(version: .mpeg1, layer: 3, sampleRate: 48_000, channelCount: 2)
        let frame = try #require(mp3.silentFrame)
        var muxer = TSMuxer(streams: [
            try #require(TSElementaryStream(.h265(nil))), try #require(TSElementaryStream(.mp3(mp3), pid: 0x101)),
        ])
        var bytes: [UInt8] = []
        muxer.appendTables(to: &bytes)
        let idr: [UInt8] = [19 << 1, 1, 0x80, 7]
        muxer.appendVideo(
            nalUnits: (H265Samples.plain.nalUnits + [idr]).map { $0[...] }, presentationTime: 3600, decodeTime: 0,
            isRandomAccess: true, to: &bytes)
        for index in 0..<3 {
            // Two frames in a packet: the second follows the first.
            muxer.appendAudio(
                frame: (frame + frame)[...], presentationTime: 3600 + Int64(index) * 4320, streamIndex: 1, to: &bytes)
        }
        var demuxer = TSDemuxer()
        let outputs = try Self.outputs(of: bytes, by: &demuxer)
        #expect(outputs.first == .tracks([.h265(H265Samples.plain), .mp3(mp3)]))
        let picture = try #require(Self.samples(outputs, ofTrack: 0).first)
        #expect(picture.isRandomAccess && picture.nalUnits.last == idr[...])
        let sounds = Self.samples(outputs, ofTrack: 1)
        #expect(sounds.map { $0.presentationTime - picture.presentationTime } == Self.steps(6, of: 2160))
        #expect(sounds.allSatisfy { $0.payload == .frame(frame) })
    }

    /// The descriptors that ffmpeg 5.1 writes for `-c:a libopus -ac 2`, and its control header of a packet of three bytes.
    @Test func opusIsKnownByItsDescriptors() throws {
        let map = Self.programMap([(0x06, 0x100, [0x05, 4] + Array("Opus".utf8) + [0x7F, 2, 0x80, 2])])
        var bytes = Self.tables(map)
        var writer = TSPacketWriter(pid: 0x100)
        let silence = OpusPacket.silence
        for index in 0..<2 {
            var pes: [UInt8] = []
            PESPacket.appendHeader(
                streamID: 0xBD, presentationTime: Int64(index) * 3600, decodeTime: Int64(index) * 3600, to: &pes)
            // Two packets of 20 ms; the first says of its beginning that it is cut (start_trim_flag).
            pes += [0x7F, 0xF0, 3, 0, 120] + silence + [0x7F, 0xE0, 3] + silence
            PESPacket.setLength(of: &pes)
            writer.append(pes: pes, adaptation: nil, to: &bytes)
        }
        var demuxer = TSDemuxer()
        let outputs = try Self.outputs(of: bytes, by: &demuxer)
        #expect(outputs.first == .tracks([.opus(channelCount: 2)]))
        let sounds = Self.samples(outputs, ofTrack: 0)
        let first = try #require(sounds.first).presentationTime
        #expect(sounds.map { $0.presentationTime - first } == Self.steps(4, of: 960))
        #expect(sounds.allSatisfy { $0.payload == .frame(silence[...]) })
    }

    /// As encoders without alignment write them.
    @Test func framesOfSoundMayLieAcrossPackets() throws {
        let configuration = try #require(AACConfiguration(Self.aac))
        let header = try #require(ADTSHeader(configuration))
        var frames: [UInt8] = []
        for index in 0..<4 {
            let isWritten = header.append(frameByteCount: 100, to: &frames)
            #expect(isWritten)
            frames += [UInt8](repeating: UInt8(index), count: 100)
        }
        var bytes = Self.tables(Self.programMap([(0x0F, 0x100, [])]))
        var writer = TSPacketWriter(pid: 0x100)
        // The time of the second packet is that of the fourth frame, the first that begins there, a millisecond late.
        for (piece, time) in [(frames[..<250], 0 as Int64), (frames[250...], 3 * Self.frameDuration + 90)] {
            var pes: [UInt8] = []
            PESPacket.appendHeader(streamID: 0xC0, presentationTime: time, decodeTime: time, to: &pes)
            pes += piece
            PESPacket.setLength(of: &pes)
            writer.append(pes: pes, adaptation: nil, to: &bytes)
        }
        var demuxer = TSDemuxer()
        let sounds = Self.samples(try Self.outputs(of: bytes, by: &demuxer), ofTrack: 0)
        #expect(sounds.map(\.payload) == Self.frames(4, ofByteCount: 100))
        let first = try #require(sounds.first).presentationTime
        #expect(sounds.map { $0.presentationTime - first } == Self.steps(4, of: 1024))
    }

    // MARK: Losses

    @Test("where a packet is missing, pictures go on with the next keyframe, and sound at once", arguments: [0, 1, 3])
    func losses(missing: Int) throws {
        let bytes = try Self.stream()
        // Keyframes have five packets, the others four: the second picture begins at the sixth.
        let positions = Self.packets(of: 0x100, in: bytes)
        #expect(positions.count == 42)
        var demuxer = TSDemuxer()
        let outputs = try Self.outputs(of: Self.removing(positions[5 + missing], from: bytes), by: &demuxer)
        let pictures = Self.samples(outputs, ofTrack: 0)
        #expect(pictures.map(\.isRandomAccess) == [true, true, false, false, false, false])
        #expect(Self.samples(outputs, ofTrack: 1).count == 20)
        #expect(demuxer.lossCount == 1)
    }

    @Test func aPacketThatComesTwiceIsTakenOnce() throws {
        let bytes = try Self.stream()
        let position = Self.packets(of: 0x100, in: bytes)[5]
        let twice = [UInt8](bytes[..<(position + 188)]) + [UInt8](bytes[position...])
        var demuxer = TSDemuxer()
        let pictures = Self.samples(try Self.outputs(of: twice, by: &demuxer), ofTrack: 0)
        #expect(pictures.count == 10)
        #expect(demuxer.lossCount == 0)
    }

    @Test func picturesBeginWithAKeyframeThatCanBeDecoded() throws {
        var muxer = TSMuxer(streams: [try #require(TSElementaryStream(.h264(nil)))])
        var bytes: [UInt8] = []
        muxer.appendTables(to: &bytes)
        let pictures = [
            Self.picture(isKeyframe: false), Self.picture(isKeyframe: true, hasSets: false),
            Self.picture(isKeyframe: true), Self.picture(isKeyframe: true, hasSets: false),
        ]
        for (index, units) in pictures.enumerated() {
            let time = Int64(index) * 3600
            muxer.appendVideo(
                nalUnits: units.map { $0[...] }, presentationTime: time, decodeTime: time, isRandomAccess: index > 0,
                to: &bytes)
        }
        var demuxer = TSDemuxer()
        let samples = Self.samples(try Self.outputs(of: bytes, by: &demuxer), ofTrack: 0)
        // The last one has got the sets of the one before.
        #expect(samples.map(Self.nalUnits) == [pictures[2], pictures[2]])
    }

    @Test func bytesInBetweenAreLeftOut() throws {
        let bytes = try Self.stream()
        var demuxer = TSDemuxer()
        let outputs = try Self.outputs(of: [1, 2, 0x47, 3] + bytes, by: &demuxer)
        #expect(Self.samples(outputs, ofTrack: 0).count == 10)
    }

    /// Counters of four bits can't tell of 16 packets, which the line can.
    @Test func whatTheCountersCantTellIsTold() throws {
        // So long that it does not say how long it is.
        let long = Self.picture(isKeyframe: false, byteCount: 70_000)
        var muxer = TSMuxer(streams: [try #require(TSElementaryStream(.h264(nil)))])
        var bytes: [UInt8] = []
        muxer.appendTables(to: &bytes)
        for (index, units) in [Self.picture(isKeyframe: true), long, long].enumerated() {
            let time = Int64(index) * 3600
            muxer.appendVideo(
                nalUnits: units.map { $0[...] }, presentationTime: time, decodeTime: time, isRandomAccess: index == 0,
                to: &bytes)
        }
        let gap = Self.packets(of: 0x100, in: bytes)[8]
        for isTold in [false, true] {
            var demuxer = TSDemuxer()
            var outputs = try Self.outputs(of: [UInt8](bytes[..<gap]), by: &demuxer)
            if isTold { demuxer.somethingWasLost() }
            outputs += try Self.outputs(of: [UInt8](bytes[(gap + 16 * 188)...]), by: &demuxer)
            #expect(demuxer.lossCount == (isTold ? 1 : 0))
            #expect(Self.samples(outputs, ofTrack: 0).count == (isTold ? 1 : 2))
        }
    }

    // MARK: Programs

    @Test func anotherProgramOnTheSamePIDIsLeftOut() throws {
        let tables = Self.tables(
            Self.programMap([(0x1B, 0x100, []), (0x0F, 0x101, [])]), Self.programMap([(0x24, 0x200, [])], program: 2))
        var demuxer = TSDemuxer()
        let outputs = try Self.outputs(of: tables + Self.stream() + tables, by: &demuxer)
        #expect(Self.samples(outputs, ofTrack: 0).count == 10)
    }

    // MARK: Tables

    /// The section that ISO/IEC 13818-1 §2.4.4.8 describes, of streams with their types, PIDs and descriptors.
    static func programMap(
        _ streams: [(type: UInt8, pid: UInt16, descriptors: [UInt8])], program: UInt8 = 1
    ) -> [UInt8] {
        var body: [UInt8] = [0, program, 0xC1, 0, 0, 0xE1, 0x00, 0xF0, 0]
        for stream in streams {
            body += [stream.type]
            body.appendBigEndian(0xE000 | stream.pid)
            body += [0xF0, UInt8(stream.descriptors.count)] + stream.descriptors
        }
        var section: [UInt8] = [0x02, 0xB0, UInt8(body.count + 4)] + body
        section.appendBigEndian(MPEG2CRC32.checksum(section))
        return section
    }

    /// Packets with a program association and maps.
    static func tables(_ programMaps: [UInt8]..., counter: Int = 0) -> [UInt8] {
        var (association, map) = (TSPacketWriter(pid: 0), TSPacketWriter(pid: TSMuxer.programMapPID))
        var bytes: [UInt8] = []
        for _ in 0...counter {
            bytes = []
            association.append(
                section: TSProgramTables.programAssociationSection(programMapPID: TSMuxer.programMapPID), to: &bytes)
            for programMap in programMaps { map.append(section: programMap, to: &bytes) }
        }
        return bytes
    }
}
