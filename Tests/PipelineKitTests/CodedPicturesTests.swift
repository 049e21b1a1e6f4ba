import Logging
import MediaKit
import StreamModel
import StreamProtocols
import Synchronization
import Testing

@testable import PipelineKit

/// What is decoded of a camera, and from where on.
@Suite(.timeLimit(.minutes(1)))
struct CodedPicturesTests {
    /// Hands out what it was given, at once.
    private final class Recording: PacketSource {
        let video: VideoStreamInfo
        let sound: RTPFormat? = RTPFormat(.g711(.a, sampleRate: 8000, channelCount: 1))
        let sharesClock = true
        let audio: AudioSummary? = nil
        let audioTracks: [AudioSummary] = []
        let access = CameraAccess.libav
        let losses: CameraLosses? = nil
        private var samples: ArraySlice<SourceSample>

        init(_ video: VideoStreamInfo, _ samples: [SourceSample]) {
            self.video = video
            self.samples = samples[...]
        }

        func read() throws(MediaError) -> SourceSample? { samples.popFirst() }
    }

    private final class Demand: Sendable { let isThere = Mutex(false) }

    /// A camera whose pictures carry their numbers, with a keyframe at each multiple of 25.
    private final class Rig {
        let pictures: CodedPictures
        let log = EventLog()
        private let demand = Demand()
        private let frames: AsyncStream<VideoFrame>

        /// - Parameter keeps: how many bytes are left of each slice; nil for all.
        init(
            h265: Bool = false, _ numbers: Range<Int>, isCopied: Bool = true, keeps: Int? = nil,
            patience: Duration = CodedPictures.randomAccessPatience
        ) throws {
            let source = try DemoSource(width: 320, height: 240)
            let settings = EncoderSettings(
                codec: h265 ? .h265 : .h264, width: 320, height: 240, fps: 25, effort: .fastest,
                keyframeInterval: .frames(25))
            let encoder = try Encoder(settings: settings)
            var packets: [EncodedPacket] = []
            for number in 0..<numbers.upperBound {
                packets += try encoder.encode(
                    source.frame(number: number), presentationTime: source.presentationTime(ofFrame: number))
            }
            let codec: VideoCodec = h265 ? .h265 : .h264
            let all = packets
            if let keeps {
                packets = try all.map { packet in
                    let nalUnits = AnnexB.split(packet.bytes).map { unit in
                        if case .parameterSet = VideoCodec.h264.kind(of: unit) { unit } else { unit.prefix(keeps) }
                    }
                    return try EncodedPacket(
                        bytes: AnnexB.join(nalUnits), isKeyframe: packet.isKeyframe,
                        presentationTime: packet.presentationTime)
                }
            }
            // A camera says its parameter sets beforehand too.
            let parameterSets = AnnexB.split(all[0].bytes).filter {
                if case .parameterSet = codec.kind(of: $0) { true } else { false }
            }
            let video = try VideoStreamInfo(
                codec: encoder.streamInfo.codec, width: 320, height: 240, frameRate: 25,
                extradata: AnnexB.join(parameterSets), timeBase: .mpeg, hasReorderedFrames: false)
            let fanout = FrameFanout()
            let (frames, continuation) = AsyncStream.makeStream(of: VideoFrame.self)
            self.frames = frames
            pictures = CodedPictures(
                Recording(video, packets[numbers].map { .picture($0) }), of: "camera", fanout: fanout,
                monitor: CameraMonitor(
                    cameraID: "c", now: { .now }, logger: Logger(label: "test"), events: log.sink),
                randomAccessPatience: patience)
            var consumer = FrameFanout.Consumer(receive: { continuation.yield($0) })
            consumer.wantsFrames = { [demand] in demand.isThere.withLock { $0 } }
            if isCopied { consumer.copy = { _ in } }
            fanout.set([consumer])
        }

        func wantFrames(_ wanted: Bool) { demand.isThere.withLock { $0 = wanted } }

        func advance(_ count: Int) throws {
            for _ in 0..<count { try pictures.advance() }
        }

        /// The number of the next frame; nil for one that is no picture.
        func nextFrame() async -> UInt32? {
            for await frame in frames { return FrameCounter.read(from: frame) }
            return nil
        }
    }

    /// A still of a copied camera: decoded from its last keyframe, and only for a moment.
    @Test(arguments: [false, true]) func eachStillOfACopiedCameraIsItsPicture(h265: Bool) async throws {
        let rig = try Rig(h265: h265, 0..<50)
        try rig.advance(10)
        for number in [UInt32(10), 14, 18] {
            rig.wantFrames(true)
            try rig.advance(1)
            let seen = await rig.nextFrame()
            #expect(seen == number)
            rig.wantFrames(false)
            try rig.advance(3)
        }
        rig.pictures.end()
    }

    /// Viewers see a copied picture at once, and a camera that is lost then has worked. Of this one the decoder makes nothing.
    @Test func aCameraIsLiveWithItsFirstPictureThoughADecoderIsAtWork() throws {
        let rig = try Rig(0..<1, keeps: 4)
        rig.wantFrames(true)
        try rig.advance(1)
        let states = rig.log.events.compactMap { if case .camera(let status) = $0 { status.state } else { nil } }
        #expect(states == [.live])
        rig.pictures.end()
    }

    @Test(arguments: [false, true]) func inTheMiddleOfAGroupTheNextKeyframeIsWaitedFor(h265: Bool) async throws {
        let rig = try Rig(h265: h265, 10..<50, isCopied: false)
        rig.wantFrames(true)
        try rig.advance(20)
        // Those that come while decoding begins are of the past.
        let first = await rig.nextFrame()
        #expect((25...29).contains(first ?? 0))
        rig.pictures.end()
    }

    /// Intra refresh: there is no picture that decoding could begin at, and the picture becomes whole bit by bit.
    @Test func aStreamWithoutRandomAccessPointsIsShownAllTheSame() async throws {
        let rig = try Rig(1..<20, isCopied: false, patience: .zero)
        rig.wantFrames(true)
        try rig.advance(19)
        _ = await rig.nextFrame()
        let states = rig.log.events.compactMap { if case .camera(let status) = $0 { status.state } else { nil } }
        #expect(states == [.live])
        rig.pictures.end()
    }

    @Test func theEndOfAStreamIsSaid() throws {
        let rig = try Rig(0..<1)
        try rig.advance(1)
        #expect { try rig.advance(1) } throws: { ($0 as? MediaError)?.kind == .endOfStream }
    }

    @Test func soundIsHandedOnWithTheTimeOfItsPicture() throws {
        let video = try VideoStreamInfo(
            codec: "h264", width: 64, height: 64, frameRate: nil, extradata: [], timeBase: .mpeg,
            hasReorderedFrames: false)
        let arrival = MonotonicInstant.now
        let packet = try EncodedPacket(
            bytes: [1], isKeyframe: true, presentationTime: MediaTime(ticks: 900_000, timeBase: .mpeg),
            arrivalTime: arrival)
        let frame = SoundFrame(bytes: [7], timestamp: 80_160, arrivalTime: arrival + .milliseconds(300))
        let heard = Mutex<[CameraSound]>([])
        let fanout = FrameFanout()
        var consumer = FrameFanout.Consumer(receive: { _ in })
        consumer.wantsFrames = { false }
        consumer.hear = { signal in
            if case .frame(let sound) = signal { heard.withLock { $0.append(sound) } }
        }
        fanout.set([consumer])
        let pictures = CodedPictures(
            Recording(video, [.picture(packet), .sound(frame)]), of: "camera", fanout: fanout,
            monitor: CameraMonitor(
                cameraID: "c", now: { .now }, logger: Logger(label: "test"), events: EventLog().sink))
        try pictures.advance()
        try pictures.advance()
        let sounds = heard.withLock { $0 }
        #expect(sounds.map(\.bytes) == [[7]])
        // 80 160 ticks of 8 kHz are 20 ms more than 900 000 of 90 kHz.
        let delay = sounds.first.map { arrival.duration(to: $0.captureTime) / .milliseconds(1) }
        #expect(abs((delay ?? 0) - 20) < 1)
    }

    @Test func aCodecThatCannotBeDecodedIsSaid() async throws {
        let fanout = FrameFanout()
        fanout.set([FrameFanout.Consumer(receive: { _ in })])
        let packet = try EncodedPacket(bytes: [1, 2, 3], isKeyframe: true, presentationTime: nil)
        // libav knows its name, and has no decoder for it.
        let video = try VideoStreamInfo(
            codec: "daala", width: 64, height: 64, frameRate: nil, extradata: [], timeBase: .mpeg,
            hasReorderedFrames: false)
        let pictures = CodedPictures(
            Recording(video, Array(repeating: .picture(packet), count: 1000)), of: "camera", fanout: fanout,
            monitor: CameraMonitor(
                cameraID: "c", now: { .now }, logger: Logger(label: "test"), events: EventLog().sink))
        var failure: MediaError?
        while failure == nil {
            do { try pictures.advance() } catch { failure = error }
            await Task.yield()
        }
        #expect(failure?.kind == .unsupported)
        pictures.end()
    }

    @Test func groupsAreBounded() throws {
        var group = PictureGroup()
        let packet = try EncodedPacket(bytes: [1], isKeyframe: false, presentationTime: nil)
        group.append(packet, capturedAt: .now)
        #expect(group.pictures.isEmpty)
        group.append(try EncodedPacket(bytes: [1], isKeyframe: true, presentationTime: nil), capturedAt: .now)
        for _ in 1..<PictureGroup.packetLimit { group.append(packet, capturedAt: .now) }
        #expect(group.pictures.count == PictureGroup.packetLimit)
        group.append(packet, capturedAt: .now)
        #expect(group.pictures.isEmpty)
    }
}
