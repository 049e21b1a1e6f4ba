import Testing

@testable import StreamProtocols

/// What is bounded, and what ends a stream.
extension TSDemuxerTests {
    @Test func soundAloneIsNotTakenForTheStreamWhilePicturesAreToCome() throws {
        let aac = try #require(AACConfiguration(Self.aac))
        var muxer = TSMuxer(streams: [
            try #require(TSElementaryStream(.h264(nil))), try #require(TSElementaryStream(.aac(aac), pid: 0x101)),
            try #require(TSElementaryStream(.aac(aac), pid: 0x102)),
        ])
        var bytes: [UInt8] = []
        muxer.appendTables(to: &bytes)
        for index in 0..<400 {
            for stream in 1...2 {
                muxer.appendAudio(
                    frame: [1, 2, 3], presentationTime: Int64(index) * Self.frameDuration, streamIndex: stream,
                    to: &bytes)
            }
        }
        for index in 0..<2 {
            let time = 400 * Self.frameDuration + Int64(index) * 3600
            muxer.appendVideo(
                nalUnits: Self.picture(isKeyframe: true).map { $0[...] }, presentationTime: time, decodeTime: time,
                isRandomAccess: true, to: &bytes)
        }
        var demuxer = TSDemuxer()
        let outputs = try Self.outputs(of: bytes, by: &demuxer)
        #expect(outputs.first == .tracks([.h264(Self.sets), .aac(aac), .aac(aac)]))
        #expect(Self.samples(outputs, ofTrack: 0).count == 2)
        #expect(outputs.count <= TSDemuxer.waitingLimit + 2)
    }

    /// Only what is counted may be kept: units are parts of what they were cut out of.
    @Test func whatLiesAroundUnitsIsNotKept() throws {
        let keyframe = Self.picture(isKeyframe: true)
        let padded: [[UInt8]] = [[0x41, 0x9A] + [UInt8](repeating: 0, count: 90_000)]
        let aac = try #require(AACConfiguration(Self.aac))
        var muxer = TSMuxer(streams: [
            try #require(TSElementaryStream(.h264(nil))), try #require(TSElementaryStream(.aac(aac), pid: 0x101)),
        ])
        var bytes: [UInt8] = []
        muxer.appendTables(to: &bytes)
        for (index, units) in [keyframe, padded, keyframe].enumerated() {
            let time = Int64(index) * 3600
            muxer.appendVideo(
                nalUnits: units.map { $0[...] }, presentationTime: time, decodeTime: time,
                isRandomAccess: index % 2 == 0, to: &bytes)
            muxer.appendAudio(frame: [1, 2, 3], presentationTime: time, streamIndex: 1, to: &bytes)
        }
        var demuxer = TSDemuxer()
        let outputs = try Self.outputs(of: bytes, by: &demuxer)
        let small = Self.samples(outputs, ofTrack: 0).filter { !$0.isRandomAccess }.compactMap(\.nalUnits.last)
        #expect(small.count == 1)
        for unit in small { #expect(unit == [0x41, 0x9A] && unit.startIndex == 0) }
        let sounds = Self.samples(outputs, ofTrack: 1)
        #expect(sounds.count == 3)
        for case .frame(let frame) in sounds.map(\.payload) { #expect(frame.startIndex == 0) }
    }

    @Test func aPictureOfStartCodesAloneIsBounded() throws {
        var bytes = Self.tables(Self.programMap([(0x1B, 0x100, [])]))
        var writer = TSPacketWriter(pid: 0x100)
        let header: [UInt8] = [0, 0, 1, 0xE0, 0, 0, 0x80, 0, 0]
        for _ in 0..<2 {
            let units = (0..<5000).flatMap { _ in [0, 0, 1, 0x41] as [UInt8] }
            writer.append(pes: header + units, adaptation: nil, to: &bytes)
        }
        var demuxer = TSDemuxer()
        #expect(try Self.outputs(of: bytes, by: &demuxer).isEmpty)
        #expect(demuxer.lossCount == 1)
    }

    @Test func soundThatNeverComesIsNotWaitedForLong() throws {
        var bytes = Self.tables(Self.programMap([(0x1B, 0x100, []), (0x0F, 0x101, [])]))
        var muxer = TSMuxer(streams: [try #require(TSElementaryStream(.h264(nil)))])
        for index in 0..<26 {
            let time = Int64(index) * 3600
            muxer.appendVideo(
                nalUnits: Self.picture(isKeyframe: true).map { $0[...] }, presentationTime: time, decodeTime: time,
                isRandomAccess: true, to: &bytes)
        }
        var demuxer = TSDemuxer()
        let outputs = try Self.outputs(of: bytes, by: &demuxer)
        #expect(outputs.first == .tracks([.h264(Self.sets)]) && outputs.count == 27)
    }

    @Test func aPictureWithoutEndIsBounded() throws {
        var bytes = Self.tables(Self.programMap([(0x1B, 0x100, [])]))
        var writer = TSPacketWriter(pid: 0x100)
        let header: [UInt8] = [0, 0, 1, 0xE0, 0, 0, 0x80, 0, 0]
        writer.append(pes: header + [UInt8](repeating: 1, count: 9 << 20), adaptation: nil, to: &bytes)
        var demuxer = TSDemuxer()
        let outputs = try Self.outputs(of: bytes, pieceSize: 1 << 20, by: &demuxer)
        #expect(outputs.isEmpty)
        #expect(demuxer.lossCount == 1)
    }

    @Test func whatIsNoTransportStreamIsRefused() throws {
        #expect(throws: TSError.noTransportStream) {
            var demuxer = TSDemuxer()
            _ = try Self.outputs(of: [UInt8](repeating: 0, count: 70_000), by: &demuxer)
        }
    }

    @Test func whatCantBePassedOnIsNamed() throws {
        let both = Self.tables(Self.programMap([(0x1B, 0x100, []), (0x81, 0x101, [])]))
        var demuxer = TSDemuxer()
        let outputs = try Self.outputs(of: both, by: &demuxer)
        #expect(outputs.isEmpty)
        #expect(demuxer.unsupported == ["AC-3"])
        #expect(throws: TSError.nothingToPassOn(["AC-3"])) {
            var demuxer = TSDemuxer()
            _ = try Self.outputs(
                of: Self.tables(Self.programMap([(0x81, 0x101, []), (0x15, 0x102, [])])), by: &demuxer)
        }
    }

    @Test func otherTracksEndIt() throws {
        var demuxer = TSDemuxer()
        _ = try Self.outputs(of: try Self.stream(), by: &demuxer)
        // With the counters that follow those of the stream's two.
        let other = Self.tables(Self.programMap([(0x24, 0x100, [])]), counter: 2)
        #expect(throws: TSError.otherTracks) { _ = try Self.outputs(of: other, by: &demuxer) }
    }

    @Test func damagedStreamsAreSurvived() throws {
        let bytes = try Self.stream()
        for damaged in Mutations(of: [bytes, Self.tables(Self.programMap([(0x06, 0x100, [0x05, 4])]))], count: 100) {
            var demuxer = TSDemuxer()
            _ = try? Self.outputs(of: damaged, by: &demuxer)
        }
    }
}
