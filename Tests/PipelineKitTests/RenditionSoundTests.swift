import Logging
import MediaKit
import NIOPosix
import StreamModel
import StreamProtocols
import Testing

@testable import PipelineKit

/// A camera's sound on its way through a rendition that copies its pictures, to the engine.
@Suite(.timeLimit(.minutes(1)))
struct RenditionSoundTests {
    /// A transmission whose camera is copied, and what is published of it.
    private final class Rig {
        let engine: FakeEngine
        let transmission: TransmissionState
        let rendition: Rendition
        /// When the first picture is captured: as it is sent, or a slow machine shows the placeholder after it.
        private(set) lazy var start = MonotonicInstant.now
        private var number = 0
        private var reports: [Int: RTCPSenderReport] = [:]
        /// A picture has come that is not the camera's.
        private(set) var showsPlaceholder = false

        init(
            expecting sound: KnownSound, heard: PathSound = PathSound(.auto, for: [.rtsp])
        ) async throws {
            engine = try await FakeEngine.start()
            transmission = TransmissionState(
                try Transmission(json: [
                    "id": "t", "name": "T", "path": "t", "outputs": [["id": "o", "protocol": "rtsp"]],
                ]), events: { _ in }, logger: Logger(label: "test"))
            transmission.expectedCodec = .h264
            transmission.expectedSound = sound
            transmission.copyPath = .direct(
                CopyRoute(cameraID: "c", pipelineID: "p", writerID: "w", priority: 0, reducerFPS: nil, isForced: false))
            rendition = Rendition(
                Self.spec(engine, heard), terms: Self.terms,
                transmission: transmission, encoders: EncoderDesk(logger: Logger(label: "test")),
                eventLoop: MultiThreadedEventLoopGroup.singleton.next(), logger: Logger(label: "test"),
                events: { _ in })
            // Until it takes what is sent.
            while !transmission.wantsFrames { try await Task.sleep(for: .milliseconds(1)) }
        }

        private static let terms = CopyTerms(protocols: [.rtsp])

        private static func spec(_ engine: FakeEngine, _ heard: PathSound) -> RenditionSpec {
            let target = PublishTarget(
                path: "t", host: "127.0.0.1", port: engine.port, username: "u", password: "p", sound: heard)
            return RenditionSpec(id: "r", transmissionID: "t", encoding: .standard, targets: [target])
        }

        /// Something else is to be heard.
        func hear(_ sound: PathSound) { rendition.update(Self.spec(engine, sound), terms: Self.terms) }

        /// A picture every 40 ms, and two frames of sound with it.
        func send(_ sound: UInt8, keyframe: Bool = false) throws {
            let captureTime = start + .milliseconds(40 * number)
            let slice: [UInt8] = [keyframe ? 0x65 : 0x41, 0x88, 1]
            let sets: [[UInt8]] = [CopyTermsTests.Sample.plain.bytes, [0x68, 0xEE, 0x3C, 0x80]]
            let nalUnits = (keyframe ? sets : []) + [slice]
            var facts = CameraFacts(codec: "h264")
            facts.picture = MediaFormat(codec: .h264, nalUnits: sets.map { $0[...] })?.pictureFormat
            transmission.offer(
                CameraPacket(
                    nalUnits: nalUnits.map { $0[...] }, isRandomAccess: keyframe, captureTime: captureTime,
                    facts: facts))
            for part in 0..<2 {
                transmission.hear(
                    .frame(
                        Sounds.frame(
                            [sound, UInt8(part)], at: captureTime + .milliseconds(20 * part),
                            Int64(320 * number + 160 * part))),
                    by: "w")
            }
            number += 1
        }

        /// The next picture or frame of sound, and when it was captured by the reports of its track.
        func next() async throws -> (bytes: ArraySlice<UInt8>?, wallTime: Duration) {
            while true {
                let event = try #require(await engine.first { $0 })
                switch event {
                case .senderReport(let report, let track): reports[track] = report
                case .unit(let unit):
                    if unit.nalUnits.last?.dropFirst() != [0x88, 1] { showsPlaceholder = true }
                    return (nil, try wallTime(unit, track: 0, clockRate: 90_000))
                case .sound(let sound, _):
                    guard case .frame(let bytes) = sound.payload else { continue }
                    return (bytes, try wallTime(sound, track: 1, clockRate: 8000))
                case .request, .disconnected: continue
                }
            }
        }

        private func wallTime(_ sample: Sample, track: Int, clockRate: Double) throws -> Duration {
            Self.wallTime(
                sample.presentationTime, try #require(reports[track], "a report comes first"), clockRate: clockRate)
        }

        static func wallTime(_ time: Int64, _ report: RTCPSenderReport, clockRate: Double) -> Duration {
            let step = Int32(bitPattern: UInt32(truncatingIfNeeded: time) &- report.rtpTimestamp)
            return report.ntpTimestamp.sinceUnixEpoch + .seconds(Double(step) / clockRate)
        }

        func announcement() async throws -> [String] {
            let body = await engine.first { event -> [UInt8]? in
                guard case .request(let request) = event, request.method == .announce else { return nil }
                return request.body
            }
            return try SessionDescription(parsing: #require(body)).media.map { try RTPFormat(media: $0).media.name }
        }

        func stop() async throws {
            rendition.stop()
            await rendition.thread.completion()
            try await engine.kill()
        }
    }

    /// Known from the last time, it is announced with the first picture; what the reports say of both is the same.
    @Test func soundIsAnnouncedAtOnceAndStaysWithItsPicture() async throws {
        // A camera that is silent for two seconds is away, and so is one on a machine that stands still for as long.
        while try await !isAnnouncedAtOnceAndStaysWithItsPicture() {}
    }

    /// - Returns: false when the camera was taken for one that is away, of which nothing can be told.
    private func isAnnouncedAtOnceAndStaysWithItsPicture() async throws -> Bool {
        let rig = try await Rig(expecting: .format(Sounds.format))
        try rig.send(0, keyframe: true)
        #expect(try await rig.announcement() == ["H264", "G711"])
        var pictures: [Duration] = []
        var sounds: [UInt8: Duration] = [:]
        while !rig.showsPlaceholder, pictures.count < 11 || sounds[10] == nil {
            let (bytes, wallTime) = try await rig.next()
            if let bytes, bytes.last == 0 { sounds[bytes.first ?? 0] = wallTime }
            guard bytes == nil else { continue }
            pictures.append(wallTime)
            // It is copied by now, and those that refer to it can be.
            guard pictures.count == 1 else { continue }
            for number in UInt8(1)...10 { try rig.send(number) }
            rig.transmission.hear(.known(.format(Sounds.format)), by: "w")
        }
        try await rig.stop()
        guard !rig.showsPlaceholder else { return false }
        // That of the first picture may have come before anybody knew whose it is.
        for number in 1...10 {
            let sound = try #require(sounds[UInt8(number)])
            #expect(abs((pictures[number] - sound) / .milliseconds(1)) < 1)
        }
        return true
    }

    /// What was expected is not what there is: viewers are told once, with a keyframe.
    @Test func aCameraWithOtherSoundThanExpectedIsAnnouncedAnew() async throws {
        let rig = try await Rig(expecting: .none)
        try rig.send(0, keyframe: true)
        #expect(try await rig.announcement() == ["H264"])
        rig.transmission.hear(.known(.format(Sounds.format)), by: "w")
        try rig.send(1)
        try rig.send(2, keyframe: true)
        while rig.transmission.wantsFrames { try await Task.sleep(for: .milliseconds(1)) }
        try rig.send(3)
        #expect(try await rig.announcement() == ["H264", "G711"])
        var sounds: [UInt8] = []
        while sounds.last != 3 {
            if let bytes = try await rig.next().bytes { sounds += bytes.prefix(1) }
        }
        #expect(!sounds.contains(1), "nobody had been told of it")
        try await rig.stop()
    }

    /// What is encoded is announced and sent beside copied pictures, on their clock, from a little before the first on.
    @Test func soundIsEncodedForWhoAsksForIt() async throws {
        let rig = try await Rig(
            expecting: .unknown,
            heard: PathSound(AudioSettings(.aac, sampleRate: 16_000, channelCount: 1), for: [.rtsp]))
        try rig.send(0, keyframe: true)
        #expect(try await rig.announcement() == ["H264", "MPEG-4 Audio"])
        var times: [Int64] = []
        var sounds: RTCPSenderReport?
        var pictures: RTCPSenderReport?
        var picture: Sample?
        while times.count < 20 {
            switch await rig.engine.first({ $0 }) {
            case .senderReport(let report, let track): if track == 0 { pictures = report } else { sounds = report }
            case .unit(let sample): picture = picture ?? sample
            case .sound(let sample, let track):
                #expect(track == 1 && sample.byteCount < 1000)
                times.append(sample.presentationTime)
            default: break
            }
        }
        #expect(zip(times, times.dropFirst()).allSatisfy { $1 - $0 == 1024 }, "\(times)")
        // Silence, which is never far from now: the picture is of the beginning.
        let sound = try Rig.wallTime(times[0], #require(sounds), clockRate: 16_000)
        let first = try Rig.wallTime(#require(picture).presentationTime, #require(pictures), clockRate: 90_000)
        #expect(abs((sound - first) / .seconds(1)) < 2)
        try await rig.stop()
    }

    /// Who cuts segments, and players, look for sound beside the first pictures; those of the placeholder are of the past.
    @Test func whatIsEncodedIsHeardFromTheFirstPictureOn() async throws {
        let rig = try await Rig(
            expecting: .unknown, heard: PathSound(AudioSettings(.aac, channelCount: 1), for: [.rtsp]))
        var reports: [Int: RTCPSenderReport] = [:]
        var picture: Int64?
        var sound: Int64?
        while picture == nil || sound == nil || reports.count < 2 {
            switch await rig.engine.first({ $0 }) {
            case .senderReport(let report, let track): reports[track] = report
            case .unit(let sample): picture = picture ?? sample.presentationTime
            case .sound(let sample, _): sound = sound ?? sample.presentationTime
            default: break
            }
        }
        let shown = try Rig.wallTime(#require(picture), #require(reports[0]), clockRate: 90_000)
        let heard = try Rig.wallTime(#require(sound), #require(reports[1]), clockRate: 48_000)
        // Earlier where the engine was reached so late that a newer keyframe had taken the place of the first picture.
        #expect(heard < shown + .milliseconds(30))
        try await rig.stop()
    }

    /// Another way to reach a path changes nothing where its sound is carried all the same.
    @Test func whoListensIsDisturbedOnlyByOtherSound() async throws {
        let settings = AudioSettings(.aac, channelCount: 1)
        let rig = try await Rig(expecting: .unknown, heard: PathSound(settings, for: [.rtsp]))
        try rig.send(0, keyframe: true)
        #expect(try await rig.announcement() == ["H264", "MPEG-4 Audio"])
        rig.hear(PathSound(settings, for: [.rtsp, .hls]))
        try rig.send(1, keyframe: true)
        var keyframes = 0
        while keyframes < 2 {
            switch await rig.engine.first({ $0 }) {
            case .unit(let sample): keyframes += sample.isRandomAccess ? 1 : 0
            case .request(let request): #expect(request.method != .announce)
            case .disconnected: Issue.record("the publisher was replaced")
            default: break
            }
        }
        rig.hear(PathSound(.off, for: [.rtsp, .hls]))
        try rig.send(2, keyframe: true)
        #expect(try await rig.announcement() == ["H264"])
        try await rig.stop()
    }

    /// The placeholder is shown because the camera has not sent any picture; what is heard of it is not its sound.
    @Test func besideThePlaceholderThereIsSilence() async throws {
        let rig = try await Rig(expecting: .format(Sounds.format))
        rig.transmission.hear(.known(.format(Sounds.format)), by: "w")
        #expect(try await rig.announcement() == ["H264", "G711"])
        // Chosen, because another rendition shows its pictures already.
        let other = BoundedQueue<VideoFrame>(capacity: 1)
        rig.transmission.attach("other", queue: other)
        #expect(rig.transmission.setCopying(true, "other"))
        let early = Sounds.frame([9], at: rig.start)
        rig.transmission.hear(.frame(early), by: "w")
        for number in UInt8(0)..<3 { try rig.send(number, keyframe: number == 0) }
        var sounds: [UInt8] = []
        while sounds.last != 2 {
            if let bytes = try await rig.next().bytes { sounds += bytes.prefix(1) }
        }
        #expect(!sounds.contains(9))
        try await rig.stop()
    }
}
