import NIOCore
import NIOPosix
import StreamProtocols
import Testing

@testable import MediaServer

@Suite struct MP4MuxerTests {
    private static let sound = MediaFormat.opus(channelCount: 2)
    private static let formats = [RTPFormat(TestPicture.format), RTPFormat(sound)]

    /// A frame of 20 ms.
    private static func frame(_ time: Int64) -> Sample {
        Sample(frame: [0xFC, 0xFF, 0xFE][...], presentationTime: time)
    }

    private static func muxer(_ formats: [RTPFormat] = formats, codecs: String? = nil) -> MP4Muxer {
        var muxer = MP4Muxer(codecs: MP4Codecs(codecs))
        muxer.begin(formats)
        return muxer
    }

    @Test func beginsWithAnInitializationAndAFragmentAPicture() throws {
        var muxer = Self.muxer([RTPFormat(TestPicture.format)])
        #expect(muxer.contentType == nil)
        #expect(muxer.append(TestPicture.picture(0), of: TestPicture.format, track: 0) == [])
        let first = muxer.append(TestPicture.keyframe(3600), of: TestPicture.format, track: 0)
        let second = muxer.append(TestPicture.picture(7200), of: TestPicture.format, track: 0)
        #expect(first.map(Box.types) == [["ftyp", "moov"], ["styp", "moof", "mdat"]])
        #expect(second.map(Box.types) == [["moof", "mdat"]])
        #expect(muxer.contentType == "video/mp4; codecs=\"avc1.42C01E\"")
        #expect(try Fragment(first[1]).start == 0)
        #expect(try Fragment(second[0]).start == 3600)
    }

    @Test func picturesThatComeUnevenlyLeaveNoHoleInTheDecodingTimes() throws {
        var muxer = Self.muxer([RTPFormat(TestPicture.format)])
        var fragments: [Fragment] = []
        for (index, time) in [0, 3600, 7000, 11_500, 90_000, 93_600].enumerated() {
            let sample = index == 0 ? TestPicture.keyframe(0) : TestPicture.picture(Int64(time))
            let pieces = muxer.append(sample, of: TestPicture.format, track: 0)
            fragments.append(try Fragment(try #require(pieces.last)))
        }
        for (fragment, next) in zip(fragments, fragments.dropFirst()) {
            #expect(next.start <= fragment.start + fragment.duration)
            #expect(next.start > fragment.start)
        }
        // They are shown when they were taken.
        #expect(fragments.map { $0.start + $0.offset } == [0, 3600, 7000, 11_500, 90_000, 93_600])
    }

    @Test func soundHasFragmentsOfItsOwnOnTheTimelineOfThePictures() throws {
        var muxer = Self.muxer()
        let first = muxer.append(TestPicture.keyframe(900_000), of: TestPicture.format, track: 0)
        #expect(first.map(Box.types).last == ["styp", "moof", "mdat"])
        #expect(muxer.contentType == "video/mp4; codecs=\"avc1.42C01E,opus\"")
        #expect(muxer.append(Self.frame(480_000), of: Self.sound, track: 1) == [])
        #expect(muxer.append(Self.frame(480_960), of: Self.sound, track: 1) == [])
        let next = muxer.append(TestPicture.picture(903_600), of: TestPicture.format, track: 0)
        #expect(next.map(Box.types) == [["moof", "mdat"], ["moof", "mdat"]])
        let (sound, picture) = (try Fragment(next[0]), try Fragment(next[1]))
        #expect((sound.track, sound.start, sound.count) == (2, 0, 2))
        #expect((picture.track, picture.start, picture.count) == (1, 3600, 1))
        // Five frames are 100 ms: they wait for no picture.
        let waiting = (2..<7).flatMap { muxer.append(Self.frame(480_000 + 960 * $0), of: Self.sound, track: 1) }
        #expect(try waiting.map { try Fragment($0).count } == [5])
    }

    @Test func soundAloneBeginsAnywhere() throws {
        var muxer = Self.muxer([RTPFormat(Self.sound)])
        let first = muxer.append(Self.frame(0), of: Self.sound, track: 0)
        #expect(first.map(Box.types) == [["ftyp", "moov"], ["styp", "moof", "mdat"]])
        #expect(muxer.contentType == "video/mp4; codecs=\"opus\"")
    }

    @Test func metadataComesBeforeThePictureThatCarriesIt() throws {
        var muxer = Self.muxer([RTPFormat(TestPicture.format)])
        _ = muxer.append(TestPicture.keyframe(900_000), of: TestPicture.format, track: 0)
        let metadata = try #require(PictureMetadata(json: Array(#"{"n":1}"#.utf8)))
        let picture = TestPicture.picture(903_600).carrying(metadata, codec: .h264)
        let pieces = muxer.append(picture, of: TestPicture.format, track: 0)
        #expect(pieces.map(Box.types) == [["emsg"], ["moof", "mdat"]])
        let event = try #require(Box.all(in: pieces[0]).first).content
        let start = event.readerIndex
        #expect(event.getInteger(at: start + 4, as: UInt32.self) == 90_000)
        #expect(event.getInteger(at: start + 8, as: UInt64.self) == 3600)
        let data = Array("urn:uuid:9a5d3f27-6c41-4e8b-b2f6-71d8c4a93e15".utf8) + [0, 0] + metadata.json
        #expect(Array(event.readableBytesView.dropFirst(24)) == data)
        #expect(try Fragment(pieces[1]).start == 3600)
    }

    @Test func otherParameterSetsAreAnnouncedAndSentAlong() throws {
        var muxer = Self.muxer([RTPFormat(TestPicture.format)])
        _ = muxer.append(TestPicture.keyframe(0), of: TestPicture.format, track: 0)
        let other = MediaFormat.h264(TestPicture.high)
        let changed = muxer.append(TestPicture.keyframe(3600), of: other, track: 0)
        #expect(changed.map(Box.types) == [["ftyp", "moov"], ["styp", "moof", "mdat"]])
        // Who takes only the first initialization reads them among the pictures.
        #expect([UInt8](changed[1].readableBytesView).contains(TestPicture.high.sps))
        #expect(try Fragment(changed[1]).start == 3600)
    }

    /// As where the placeholder gives way to a camera, whose encoder has other parameter sets and begins half a second later.
    @Test func soundThatIsAheadOfThePicturesDoesNotGoBackWhereOthersJoin() throws {
        var muxer = Self.muxer()
        _ = muxer.append(TestPicture.keyframe(0), of: TestPicture.format, track: 0)
        // 500 ms of it, beside one picture of 40 ms.
        var pieces = (0..<25).flatMap { muxer.append(Self.frame(960 * $0), of: Self.sound, track: 1) }
        let joined = muxer.append(TestPicture.keyframe(45_000), of: .h264(TestPicture.high), track: 0)
        pieces += (25..<30).flatMap { muxer.append(Self.frame(960 * $0), of: Self.sound, track: 1) }
        let sound = try pieces.map { try Fragment($0) }.filter { $0.track == 2 }
        #expect(zip(sound, sound.dropFirst()).allSatisfy { $0.start + $0.duration <= $1.start })
        #expect(try Fragment(try #require(joined.last)).start == 45_000)
    }

    // MARK: What a viewer plays

    @Test(
        arguments: [
            ("avc1.640029,mp4a.40.2,opus", [0, 1]), ("avc1.640029,mp4a.40.2", [0]), ("hvc1.1.6.L153.B0,opus", []),
            ("", []), (nil, [0, 1]),
        ] as [(String?, [Int])])
    func tracksAreThoseThatTheViewerPlays(codecs: String?, expected: [Int]) {
        let (video, audio) = MP4Codecs(codecs).tracks(of: Self.formats)
        #expect([video, audio].compactMap(\.self) == expected)
    }

    // MARK: Viewers

    @Test func whoReadsTooSlowlyGoesOnAtAKeyframe() async throws {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let queues = ReaderQueues()
        let viewer = MP4Viewer(
            codecs: .all, eventLoop: loop, limits: ViewerLimits(queuedByteCount: 2000, queues: queues))
        let pictures = TestPicture.sequence(50, keyframeInterval: 25)
        try await loop.submit {
            viewer.begin(
                StreamStart(formats: [RTPFormat(TestPicture.format)], pictureTracks: [0], reports: [], group: []))
            for picture in pictures { viewer.deliver(picture.delivery) }
            viewer.flush()
        }.get()
        let waiting = try #require(await viewer.next())
        #expect(waiting.reduce(0) { $0 + $1.readableBytes } < 4000)
        #expect(queues.byteCount == 0)
        try await loop.submit {
            viewer.deliver(TestPicture.picture(50 * 3600).delivery)
            viewer.deliver(TestPicture.keyframe(51 * 3600).delivery)
            viewer.flush()
        }.get()
        let next = try #require(await viewer.next())
        #expect(next.map(Box.types) == [["styp", "moof", "mdat"]])
        try await loop.submit { viewer.streamEnded([]) }.get()
        #expect(try await viewer.next() == nil)
    }

    @Test func whoLeavesWithoutHavingReadGivesItsShareBack() async throws {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let queues = ReaderQueues()
        let viewer = MP4Viewer(
            codecs: .all, eventLoop: loop, limits: ViewerLimits(queuedByteCount: 2000, queues: queues))
        try await loop.submit {
            viewer.begin(
                StreamStart(formats: [RTPFormat(TestPicture.format)], pictureTracks: [0], reports: [], group: []))
            viewer.deliver(TestPicture.keyframe(0).delivery)
            viewer.flush()
        }.get()
        #expect(queues.byteCount > 0)
        viewer.stop()
        #expect(try await viewer.next() == nil)
        #expect(queues.byteCount == 0)
    }
}

extension Sample {
    fileprivate var delivery: Delivery {
        Delivery(
            unit: StreamUnit(
                number: 0, track: 0, sample: self, media: TestPicture.format, isKeyframe: isRandomAccess,
                wallTime: ProgramDateTime(millisecondsSinceEpoch: 0)),
            packets: nil)
    }
}

/// The boxes of a piece (ISO/IEC 14496-12 §4.2).
private struct Box {
    var type: String
    var content: ByteBuffer

    static func all(in buffer: ByteBuffer) -> [Box] {
        var (rest, boxes) = (buffer, [Box]())
        while let size: UInt32 = rest.readInteger(), let type = rest.readString(length: 4),
            let content = rest.readSlice(length: Int(size) - 8)
        {
            boxes.append(Box(type: type, content: content))
        }
        return boxes
    }

    static func types(_ buffer: ByteBuffer) -> [String] { all(in: buffer).map(\.type) }
}

/// What a fragment says of its one track.
private struct Fragment {
    var track: UInt32
    var start: Int64
    var count: Int
    var duration: Int64
    /// Of the first sample.
    var offset: Int64

    init(_ buffer: ByteBuffer) throws {
        func box(_ type: String, in content: ByteBuffer) throws -> ByteBuffer {
            try #require(Box.all(in: content).first { $0.type == type }).content
        }
        let traf = try box("traf", in: try box("moof", in: buffer))
        track = try Self.read(UInt32.self, at: 4, of: try box("tfhd", in: traf))
        start = Int64(try Self.read(UInt64.self, at: 4, of: try box("tfdt", in: traf)))
        let run = try box("trun", in: traf)
        count = Int(try Self.read(UInt32.self, at: 4, of: run))
        duration = try (0..<count).reduce(0) { $0 + Int64(try Self.read(UInt32.self, at: 12 + 16 * $1, of: run)) }
        offset = Int64(try Self.read(Int32.self, at: 24, of: run))
    }

    private static func read<Value: FixedWidthInteger>(
        _ type: Value.Type, at offset: Int, of content: ByteBuffer
    ) throws -> Value {
        try #require(content.getInteger(at: content.readerIndex + offset))
    }
}
