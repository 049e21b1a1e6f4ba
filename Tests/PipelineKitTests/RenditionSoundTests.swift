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
        let start = MonotonicInstant.now
        private var number = 0
        private var reports: [Int: RTCPSenderReport] = [:]

        init(expecting sound: KnownSound) async throws {
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
                RenditionSpec(
                    id: "r", transmissionID: "t", encoding: .standard,
                    targets: [
                        PublishTarget(path: "t", host: "127.0.0.1", port: engine.port, username: "u", password: "p")
                    ]),
                transmission: transmission, encoders: EncoderDesk(logger: Logger(label: "test")),
                eventLoop: MultiThreadedEventLoopGroup.singleton.next(), logger: Logger(label: "test"),
                events: { _ in })
            // Until it takes what is sent.
            while !transmission.wantsFrames { await Task.yield() }
        }

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
                case .unit(let unit): return (nil, try wallTime(unit, track: 0, clockRate: 90_000))
                case .sound(let sound):
                    guard case .frame(let bytes) = sound.payload else { continue }
                    return (bytes, try wallTime(sound, track: 1, clockRate: 8000))
                case .request, .disconnected: continue
                }
            }
        }

        private func wallTime(_ sample: Sample, track: Int, clockRate: Double) throws -> Duration {
            let report = try #require(reports[track], "a report comes first")
            let step = Int32(bitPattern: UInt32(truncatingIfNeeded: sample.presentationTime) &- report.rtpTimestamp)
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
        let rig = try await Rig(expecting: .format(Sounds.format))
        try rig.send(0, keyframe: true)
        // At once when it is copied: a camera that is silent for two seconds is away.
        while rig.transmission.wantsFrames { await Task.yield() }
        for number in UInt8(1)...10 { try rig.send(number) }
        #expect(try await rig.announcement() == ["H264", "G711"])
        rig.transmission.hear(.known(.format(Sounds.format)), by: "w")
        var pictures: [Duration] = []
        var sounds: [UInt8: Duration] = [:]
        while pictures.count < 11 || sounds[10] == nil {
            let (bytes, wallTime) = try await rig.next()
            if let bytes, bytes.last == 0 { sounds[bytes.first ?? 0] = wallTime }
            if bytes == nil { pictures.append(wallTime) }
        }
        // That of the first picture may have come before anybody knew whose it is.
        for number in 1...10 {
            let sound = try #require(sounds[UInt8(number)])
            #expect(abs((pictures[number] - sound) / .milliseconds(1)) < 1)
        }
        try await rig.stop()
    }

    /// What was expected is not what there is: viewers are told once, with a keyframe.
    @Test func aCameraWithOtherSoundThanExpectedIsAnnouncedAnew() async throws {
        let rig = try await Rig(expecting: .none)
        try rig.send(0, keyframe: true)
        #expect(try await rig.announcement() == ["H264"])
        rig.transmission.hear(.known(.format(Sounds.format)), by: "w")
        try rig.send(1)
        try rig.send(2, keyframe: true)
        while rig.transmission.wantsFrames { await Task.yield() }
        try rig.send(3)
        #expect(try await rig.announcement() == ["H264", "G711"])
        var sounds: [UInt8] = []
        while sounds.last != 3 {
            if let bytes = try await rig.next().bytes { sounds += bytes.prefix(1) }
        }
        #expect(!sounds.contains(1), "nobody had been told of it")
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
