import DequeModule
import EngineContract
import NIOCore
import StreamProtocols
import Testing

@testable import MediaServer

@Suite struct HLSMuxerTests {
    private let wallTime = ProgramDateTime(millisecondsSinceEpoch: 1_800_000_000_000)

    private func makeMuxer(_ change: (inout HLSSettings) -> Void = { _ in }) -> HLSMuxer {
        var settings = HLSSettings()
        change(&settings)
        var muxer = HLSMuxer(settings: settings, namePrefix: "p", firstNumber: 100)
        _ = muxer.streamStarted([RTPFormat(TestPicture.format)])
        return muxer
    }

    /// Adds pictures that come in real time, and returns what happened.
    private func feed(_ muxer: inout HLSMuxer, _ units: [Sample], from start: Int64? = nil) -> [HLSMuxer.Event] {
        let first = start ?? units.first?.presentationTime ?? 0
        return units.compactMap { unit in
            muxer.append(
                unit, track: 0, at: wallTime.advanced(by: .microseconds((unit.presentationTime - first) * 100 / 9)))
        }
    }

    /// In MPEG-TS a tag of its own with the time of its picture, in fragmented MP4 an event before the fragment.
    @Test(arguments: [HLSSettings.Container.mpegts, .fmp4])
    func metadataIsInTheSegmentOfItsPicture(container: HLSSettings.Container) throws {
        let metadata = try #require(PictureMetadata(json: Array(#"{"n":1}"#.utf8)))
        var muxer = makeMuxer { $0.container = container }
        var pictures = TestPicture.sequence(76)
        pictures[30] = pictures[30].carrying(metadata, codec: .h264)
        _ = feed(&muxer, pictures)
        let contents = muxer.segments.map { [UInt8]($0.content.readableBytesView) }
        #expect(contents.map { $0.contains(metadata.id3Tag) } == [false, true, false])
        let shown = HLSTimeline.origin + 30 * 3600
        let scheme = Array("https://aomedia.org/emsg/ID3".utf8)
        switch container {
        case .fmp4:
            #expect(contents.map { $0.contains(scheme) } == [false, true, false])
            #expect(Array(contents[1][4..<8]) == Array("emsg".utf8))
            let time = contents[1][16..<24].reduce(Int64(0)) { $0 << 8 | Int64($1) }
            #expect(time == shown)
        case .mpegts:
            // The tables tell of it from then on; the stream type and the packet identifier.
            let entry: [UInt8] = [0x15, 0xE1, 0x02]
            #expect(contents.map { $0.prefix(376).contains(entry) } == [false, true, true])
            // The header of the packet, and the 33 bits of its time (ISO/IEC 13818-1 §2.4.3.6).
            let header: [UInt8] = [0, 0, 1, 0xBD]
            let place = try #require(contents[1].firstRange(of: header)?.lowerBound)
            let bits = contents[1][place + 9..<place + 14].map { Int64($0) }
            let high = (bits[0] >> 1 & 7) << 30 | bits[1] << 22
            let low = (bits[2] >> 1) << 15 | bits[3] << 7 | bits[4] >> 1
            #expect(high | low == shown)
        }
    }

    // MARK: Segments

    @Test func aSegmentEndsAtTheFirstKeyframeAfterTheTargetDuration() {
        var muxer = makeMuxer()
        _ = feed(&muxer, TestPicture.sequence(25 * 5 + 1))
        #expect(muxer.segments.map(\.duration) == Array(repeating: .seconds(1), count: 5))
        #expect(muxer.segments.map(\.frameCount) == Array(repeating: 25, count: 5))
        #expect(muxer.segments.map(\.name) == (100..<105).map { "p_\($0).ts" })
    }

    /// A camera's keyframe each second comes a little early or late; a segment must not wait for the second one.
    @Test func jitterDoesNotDoubleASegment() {
        var muxer = makeMuxer()
        for second in 0..<10 {
            let jitter: Int64 = second % 2 == 0 ? 0 : -450
            _ = muxer.append(TestPicture.keyframe(Int64(second) * 90_000 + jitter), track: 0, at: wallTime)
        }
        #expect(muxer.segments.count == 9)
    }

    @Test func firstSegmentsAreShorterSoThatPlayingBeginsSooner() {
        var muxer = makeMuxer { $0.segmentDuration = .seconds(4) }
        _ = feed(&muxer, TestPicture.sequence(25 * 20 + 1))
        #expect(
            muxer.segments.map(\.duration) == [
                .seconds(2), .seconds(2), .seconds(2), .seconds(4), .seconds(4), .seconds(4),
            ])
    }

    @Test func nothingBeginsBeforeAKeyframe() {
        var muxer = makeMuxer()
        let units = TestPicture.sequence(60)
        #expect(feed(&muxer, Array(units[5...]), from: 0) == [.segmentCompleted])
        #expect(muxer.segments.map(\.frameCount) == [25])
    }

    @Test func withoutParameterSetsNothingBegins() {
        var muxer = HLSMuxer(settings: HLSSettings(), namePrefix: "p", firstNumber: 1)
        _ = muxer.streamStarted([RTPFormat(.h264(nil))])
        #expect(feed(&muxer, TestPicture.sequence(60)).isEmpty)
        #expect(feed(&muxer, TestPicture.sequence(60, from: 216_000, sets: TestPicture.high)).count == 2)
        #expect(muxer.formats.video?.width == 320)
    }

    @Test func aSegmentBeyondTheSizeLimitIsLeftOut() {
        var muxer = makeMuxer { $0.segmentMaxSize = 64 << 10 }
        _ = feed(&muxer, TestPicture.sequence(26))
        let huge = TestPicture.picture(26 * 3600, byteCount: 80 << 10)
        guard case .segmentTooLarge(let byteCount)? = muxer.append(huge, track: 0, at: wallTime) else {
            Issue.record("the limit is not kept")
            return
        }
        #expect(byteCount > 64 << 10)
        _ = feed(&muxer, TestPicture.sequence(75, from: 27 * 3600, keyframeInterval: 25))
        #expect(muxer.segments.map(\.isDiscontinuity) == [false, true, false])
        #expect(muxer.segments.allSatisfy { $0.content.readableBytes <= 64 << 10 })
    }

    // MARK: Playlist window

    @Test func keepsOldSegmentsForSlowViewers() throws {
        var muxer = makeMuxer { $0.segmentCount = 3 }
        _ = feed(&muxer, TestPicture.sequence(25 * 30 + 1))
        // RFC 8216 §6.2.2: its own duration and that of the longest playlist it was in, after it has left the playlist.
        #expect(muxer.segments.map(\.sequenceNumber) == Array(123...129))
        let lines = muxer.mediaPlaylist(session: nil).split(separator: "\n")
        #expect(lines.contains("#EXT-X-MEDIA-SEQUENCE:127"))
        #expect(lines.filter { !$0.hasPrefix("#") } == ["p_127.ts", "p_128.ts", "p_129.ts"])
        #expect(muxer.content(named: "p_123.ts") != nil)
        #expect(muxer.content(named: "p_122.ts") == nil)
        #expect(muxer.content(named: "q_129.ts") == nil)
    }

    @Test(arguments: [(25, 7), (50, 4), (60, 4), (100, 4), (250, 4)])
    func longSegmentsMakeShortPlaylists(_ keyframeInterval: Int, _ expected: Int) throws {
        var muxer = makeMuxer()
        _ = feed(&muxer, TestPicture.sequence(25 * 200, keyframeInterval: keyframeInterval))
        let listed = muxer.segments.suffix(muxer.listedCount)
        #expect(listed.count == expected)
        #expect(muxer.segments.count == 2 * expected + 1)
        let duration = listed.reduce(Duration.zero) { $0 + $1.duration }
        // RFC 8216 §6.2.2
        #expect(duration >= .seconds(3 * muxer.targetDurationSeconds))
    }

    @Test func whatHasLeftThePlaylistNeverComesBack() throws {
        var muxer = makeMuxer()
        _ = feed(&muxer, TestPicture.sequence(25 * 40 + 1, keyframeInterval: 50))
        var first = 0
        for second in 0..<20 {
            _ = feed(&muxer, TestPicture.sequence(25, from: Int64(25 * 40 + 1 + second * 25) * 3600))
            let now = try #require(muxer.segments.suffix(muxer.listedCount).first?.sequenceNumber)
            #expect(now >= first)
            first = now
        }
        #expect(muxer.listedCount == 7)
    }

    @Test func theTargetDurationOnlyGrows() {
        var muxer = makeMuxer { $0.segmentCount = 3 }
        #expect(muxer.targetDurationSeconds == 1)
        _ = feed(&muxer, TestPicture.sequence(101, keyframeInterval: 100))
        #expect(muxer.targetDurationSeconds == 4)
        _ = feed(&muxer, TestPicture.sequence(25 * 20, from: 101 * 3600))
        #expect(muxer.mediaPlaylist(session: nil).contains("#EXT-X-TARGETDURATION:4\n"))
        #expect(!muxer.mediaPlaylist(session: nil).contains("#EXTINF:4"))
    }

    // MARK: Discontinuities

    @Test func anotherPublisherIsADiscontinuity() {
        var muxer = makeMuxer { $0.segmentCount = 3 }
        _ = feed(&muxer, TestPicture.sequence(60))
        #expect(muxer.streamStarted([RTPFormat(TestPicture.format)]) == .segmentCompleted)
        _ = muxer.append(TestPicture.keyframe(7), track: 0, at: wallTime.advanced(by: .seconds(5)))
        _ = feed(&muxer, TestPicture.sequence(50, from: 90_007))
        // Two whole segments, the rest of the first publisher, and the second's.
        #expect(muxer.segments.map(\.frameCount) == [25, 25, 10, 1, 25])
        #expect(muxer.segments.map(\.isDiscontinuity) == [false, false, false, true, false])
        #expect(muxer.segments.map(\.duration)[2] == .milliseconds(400))
        #expect(muxer.segments[3].programDateTime == wallTime.advanced(by: .seconds(5)))
        #expect(muxer.mediaPlaylist(session: nil).contains("#EXT-X-DISCONTINUITY-SEQUENCE:100\n"))
        #expect(muxer.mediaPlaylist(session: nil).contains("#EXT-X-DISCONTINUITY\n"))

        _ = feed(&muxer, TestPicture.sequence(26, from: 90_007 + 50 * 3600))
        // RFC 8216 §6.2.2: as the tag at the head of the playlist leaves it, the sequence goes up by one.
        let playlist = muxer.mediaPlaylist(session: nil)
        #expect(
            playlist.contains("#EXT-X-DISCONTINUITY\n") == (muxer.segments.suffix(3).contains { $0.isDiscontinuity }))
        _ = feed(&muxer, TestPicture.sequence(51, from: 90_007 + 76 * 3600))
        #expect(muxer.mediaPlaylist(session: nil).contains("#EXT-X-DISCONTINUITY-SEQUENCE:101\n"))
        #expect(!muxer.mediaPlaylist(session: nil).contains("#EXT-X-DISCONTINUITY\n"))
    }

    @Test(arguments: [-1_000_000, 1_000_000, Int64.max / 2, Int64.min / 2])
    func aJumpOfTheClockIsADiscontinuityAndTheTimelineGoesOn(jump: Int64) {
        var muxer = makeMuxer { $0.container = .fmp4 }
        _ = feed(&muxer, TestPicture.sequence(26))
        let restart = 26 * 3600 + jump
        _ = feed(&muxer, [TestPicture.picture(restart - 3600)] + TestPicture.sequence(26, from: restart))
        #expect(muxer.segments.map(\.isDiscontinuity) == [false, false, true])
        #expect(muxer.segments.map(\.frameCount) == [25, 1, 25])
        let starts = muxer.segments.map { baseMediaDecodeTime($0.content) }
        #expect(starts == [900_000, 990_000, 993_600])
    }

    @Test func otherParameterSetsAreADiscontinuityWithTheirOwnInitialization() throws {
        var muxer = makeMuxer { $0.container = .fmp4 }
        _ = feed(&muxer, TestPicture.sequence(26))
        _ = feed(&muxer, TestPicture.sequence(52, from: 26 * 3600, sets: TestPicture.high))
        #expect(muxer.segments.map(\.isDiscontinuity) == [false, false, true, false])
        let names = muxer.segments.map { $0.initialization?.name }
        #expect(names == ["p_init1.mp4", "p_init1.mp4", "p_init2.mp4", "p_init2.mp4"])
        #expect(muxer.content(named: "p_init1.mp4") != muxer.content(named: "p_init2.mp4"))
        let initialization = try #require(muxer.content(named: "p_init2.mp4"))
        #expect(contains(initialization, TestPicture.high.sps))
        #expect(muxer.multivariantPlaylist(session: nil).contains("RESOLUTION=320x240"))
    }

    @Test func theSameParameterSetsAgainChangeNothing() {
        var muxer = makeMuxer()
        _ = feed(&muxer, TestPicture.sequence(60, sets: TestPicture.baseline))
        #expect(muxer.segments.map(\.isDiscontinuity) == [false, false])
    }

    // MARK: Content

    @Test func keyframesInTransportStreamsCarryTheParameterSets() throws {
        var muxer = makeMuxer()
        _ = feed(&muxer, TestPicture.sequence(26))
        let content = try #require(muxer.segments.first?.content)
        #expect(content.readableBytes % 188 == 0)
        #expect(contains(content, [0, 0, 0, 1] + TestPicture.baseline.sps + [0, 0, 0, 1] + TestPicture.baseline.pps))
    }

    @Test func fragmentsHoldPicturesOnly() throws {
        var muxer = makeMuxer { $0.container = .fmp4 }
        _ = feed(&muxer, TestPicture.sequence(26, sets: TestPicture.baseline))
        let content = try #require(muxer.segments.first?.content)
        #expect(!contains(content, TestPicture.baseline.sps))
        // moof 8 + mfhd 16 + traf 8 + tfhd 16 + tfdt 20 + trun 20 + 25 samples of 16, mdat 8, one keyframe and 24
        // pictures.
        #expect(content.readableBytes == 88 + 25 * 16 + 8 + 1004 + 24 * 204)
    }

    // MARK: H.265

    private func h265Muxer(_ container: HLSSettings.Container) -> HLSMuxer {
        var settings = HLSSettings()
        settings.container = container
        var muxer = HLSMuxer(settings: settings, namePrefix: "p", firstNumber: 1)
        _ = muxer.streamStarted([RTPFormat(.h265(nil))])
        let units = (0..<52).map { index in
            let isKeyframe = index % 25 == 0
            // ITU-T H.265 table 7-1: IDR_N_LP, TRAIL_R.
            let nalUnits =
                (isKeyframe ? TestPictures.h265.nalUnits : []) + [[isKeyframe ? 0x28 : 0x02, 0x01, 0x80, 7]]
            return Sample(
                nalUnits: nalUnits.map { $0[...] }, presentationTime: Int64(index) * 3600, isRandomAccess: isKeyframe)
        }
        _ = feed(&muxer, units)
        return muxer
    }

    @Test func h265GoesIntoTransportStreams() throws {
        let muxer = h265Muxer(.mpegts)
        #expect(muxer.segments.count == 2)
        let playlist = muxer.multivariantPlaylist(session: nil)
        #expect(playlist.contains("CODECS=\"hvc1.1.6.L93.90\""))
        #expect(playlist.contains("RESOLUTION=1280x720"))
        let content = try #require(muxer.segments.first?.content)
        // stream_type 0x24 on the first PID (ISO/IEC 13818-1 table 2-34), and ffmpeg 5.1's access unit delimiter.
        #expect(contains(content, [0x24, 0xE1, 0x00]))
        #expect(contains(content, [0, 0, 0, 1, 0x46, 0x01, 0x50, 0, 0, 0, 1] + TestPictures.h265.vps + [0, 0, 0, 1]))
    }

    @Test func h265GoesIntoFragments() throws {
        let muxer = h265Muxer(.fmp4)
        let segment = try #require(muxer.segments.first)
        #expect(!contains(segment.content, TestPictures.h265.sps))
        let initialization = try #require(segment.initialization.flatMap { muxer.content(named: $0.name) })
        #expect(contains(initialization, Array("hvcC".utf8)) && contains(initialization, TestPictures.h265.sps))
    }

    // MARK: Dates

    @Test func datesGoOnFromSegmentToSegmentAndFollowTheWallClockSlowly() {
        var muxer = makeMuxer()
        for second in 0..<5 {
            // The camera's clock is slow by half a percent; delivery jitters by 300 ms.
            let late: Int64 = second % 2 == 0 ? 0 : 300
            let arrival = ProgramDateTime(
                millisecondsSinceEpoch: wallTime.millisecondsSinceEpoch + Int64(second) * 1005 + late)
            _ = muxer.append(TestPicture.keyframe(Int64(second) * 90_000), track: 0, at: arrival)
        }
        let dates = muxer.segments.map { $0.programDateTime.millisecondsSinceEpoch - wallTime.millisecondsSinceEpoch }
        #expect(dates == [0, 1010, 2010, 3020])
    }

    @Test func datesFollowAClockThatWasSet() {
        var muxer = makeMuxer()
        for second in 0..<3 {
            let set: Duration = second == 1 ? .seconds(3600) : .zero
            _ = muxer.append(
                TestPicture.keyframe(Int64(second) * 90_000), track: 0,
                at: wallTime.advanced(by: .seconds(second) + set)
            )
        }
        #expect(muxer.segments.last?.programDateTime == wallTime.advanced(by: .seconds(3601)))
    }

    // MARK: Multivariant playlist

    @Test func tellsWhatAPlayerNeedsToKnow() {
        var muxer = makeMuxer()
        _ = feed(&muxer, TestPicture.sequence(76))
        let bits = muxer.segments.map { $0.content.readableBytes * 8 }
        let lines = muxer.multivariantPlaylist(session: "abc").split(separator: "\n")
        #expect(lines[0...2] == ["#EXTM3U", "#EXT-X-VERSION:3", "#EXT-X-INDEPENDENT-SEGMENTS"])
        // The profile and level bytes of the parameter set, RFC 6381 §3.3.
        #expect(
            lines.last(where: { $0.hasPrefix("#") }) == """
                #EXT-X-STREAM-INF:BANDWIDTH=\(bits[0]),AVERAGE-BANDWIDTH=\(bits.reduce(0, +) / 3),\
                CODECS="avc1.42C01E",RESOLUTION=640x360,FRAME-RATE=25.000
                """
        )
        #expect(lines.last == "main_stream.m3u8?session=abc")
        #expect(muxer.mediaPlaylist(session: "abc").contains("p_100.ts?session=abc\n"))
    }

    // MARK: Settings

    @Test func settingsOfTheConfigurationAreKeptWithinBounds() {
        var configuration = EngineConfiguration()
        configuration.hlsVariant = .lowLatency
        configuration.hlsSegmentCount = 1
        configuration.hlsSegmentDuration = .zero
        let settings = HLSSettings(configuration)
        #expect(settings.container == .fmp4)
        #expect(settings.segmentCount == 3)
        #expect(settings.segmentDuration > .zero)
        #expect(settings.partDuration == .milliseconds(200))
        configuration.hlsVariant = .mpegts
        #expect(HLSSettings(configuration).container == .mpegts)
        #expect(HLSSettings(configuration).partDuration == nil)
        configuration.hlsVariant = .fmp4
        #expect(HLSSettings(configuration).partDuration == nil)
    }

    /// The 64 bits after type, version and flags of `tfdt`, ISO/IEC 14496-12 §8.8.12.
    private func baseMediaDecodeTime(_ content: ByteBuffer) -> Int64? {
        let bytes = Array(content.readableBytesView)
        guard let start = bytes.indices.first(where: { bytes[$0...].starts(with: Array("tfdt".utf8)) }) else {
            return nil
        }
        return bytes[(start + 8)..<(start + 16)].reduce(0) { $0 << 8 | Int64($1) }
    }

    private func contains(_ content: ByteBuffer, _ part: [UInt8]) -> Bool {
        let bytes = Array(content.readableBytesView)
        return bytes.indices.contains { bytes[$0...].starts(with: part) }
    }
}
