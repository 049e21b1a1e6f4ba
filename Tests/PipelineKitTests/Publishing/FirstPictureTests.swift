import Logging
import MediaKit
import NIOCore
import NIOPosix
import StreamModel
import StreamProtocols
import Synchronization
import Testing

@testable import PipelineKit

/// What the first picture of a path waits for: sound that is encoded, where the engine places tracks by when they come.
@Suite(.timeLimit(.minutes(1)))
struct FirstPictureTests {
    private let eventLoop = MultiThreadedEventLoopGroup.singleton.next()
    private let camera = KnownSound(RTPFormat(.g711(.mu, sampleRate: 8000, channelCount: 1), payloadType: 0))

    /// A path of HLS, for which the sound of the camera is encoded.
    private static let ofMediaMTX = PathSound(.auto, for: [.rtsp, .hls], leavesHoles: true)
    private static let ofBuiltin = PathSound(.auto, for: [.rtsp, .hls])

    private final class Recording: Sendable {
        private let counts = Mutex((sent: 0, dropped: 0))
        let begins: AsyncStream<Void>
        private let recording: AsyncStream<Void>.Continuation

        init() { (begins, recording) = AsyncStream.makeStream() }

        func take(_ event: PublisherEvent) {
            switch event {
            case .recording: recording.yield()
            case .sent(let pictures, _, _): counts.withLock { $0.sent += pictures }
            case .dropped(let pictures): counts.withLock { $0.dropped += pictures }
            default: break
            }
        }

        func begun() async { for await _ in begins { return } }

        /// Pictures.
        var sent: Int { counts.withLock(\.sent) }
        var dropped: Int { counts.withLock(\.dropped) }
    }

    private func publisher(
        _ engine: FakeEngine, _ sound: PathSound, patience: Duration, _ recording: Recording
    )
        -> RTSPPublisher
    {
        RTSPPublisher(
            target: PublishTarget(
                path: "demo", host: "127.0.0.1", port: engine.port, username: "u", password: "p", sound: sound),
            eventLoop: eventLoop, logger: Logger(label: "test"), soundPatience: patience,
            events: { recording.take($0) })
    }

    /// A stream of pictures 40 ms apart, with the sounds of a path.
    private struct Pictures {
        var stream = PublishedStream(.h264, origin: .now)
        var number: Int64 = 0

        init(_ sound: PathSound, _ camera: KnownSound) {
            stream.sounds = PublishedSounds(of: camera, for: [sound])
        }

        mutating func next(keyframe: Bool = false) -> PublishedUnit {
            let sets: [ArraySlice<UInt8>] = keyframe ? [[0x67, 0x64, 0, 0x1F, 0xAC], [0x68, 0xEE, 0x3C, 0x80]] : []
            defer { number += 1 }
            return stream.picture(
                Sample(
                    nalUnits: sets + [[keyframe ? 0x65 : 0x41, 1]], presentationTime: number * 3600,
                    isRandomAccess: keyframe))
        }

        mutating func sound(at time: Int64 = 0) throws -> PublishedUnit {
            let track = try #require(stream.sounds.tracks.first)
            let sample = Sample(frame: [1, 2], presentationTime: time)
            let unit = stream.sound(sample, track.version, track.format)
            return try #require(unit)
        }
    }

    /// Behind everything that was sent before.
    private func settle() async throws { try await eventLoop.submit {}.get() }

    /// What comes next of the media: whether it is a picture.
    private func nextIsPicture(_ engine: FakeEngine) async -> Bool? {
        await engine.first { event -> Bool? in
            switch event {
            case .unit: true
            case .sound: false
            default: nil
            }
        }
    }

    @Test func theFirstPictureWaitsForItsSound() async throws {
        let engine = try await FakeEngine.start()
        let recording = Recording()
        let publisher = publisher(engine, Self.ofMediaMTX, patience: .seconds(3600), recording)
        var pictures = Pictures(Self.ofMediaMTX, camera)
        publisher.send([pictures.next(keyframe: true)])
        await recording.begun()
        // Another keyframe does not take the place of the first.
        publisher.send([pictures.next(), pictures.next(keyframe: true), pictures.next()])
        try await settle()
        #expect(recording.sent == 0)
        publisher.send([try pictures.sound()])
        try await settle()
        #expect(recording.sent == 4 && recording.dropped == 0)
        var order: [Bool?] = []
        for _ in 0..<5 { order.append(await nextIsPicture(engine)) }
        #expect(order == [true, false, true, true, true])
        // From then on nothing waits.
        publisher.send([pictures.next()])
        try await settle()
        #expect(recording.sent == 5)
        publisher.stop()
        try await engine.kill()
    }

    /// The built-in engine goes by the reports, and MediaMTX's RTSP too; sound that is copied may never come.
    @Test(
        arguments: [
            (ofBuiltin, true), (PathSound(.auto, for: [.rtsp], leavesHoles: true), true),
            (PathSound(AudioSettings(.copy), for: [.rtsp, .hls], leavesHoles: true), true),
            (PathSound(.off, for: [.hls], leavesHoles: true), false),
        ])
    func whereThatHelpsNobodyNothingWaits(_ sound: PathSound, _ hasSound: Bool) async throws {
        let engine = try await FakeEngine.start()
        let recording = Recording()
        let publisher = publisher(engine, sound, patience: .seconds(3600), recording)
        var pictures = Pictures(sound, camera)
        #expect(pictures.stream.sounds.tracks.isEmpty != hasSound)
        publisher.send([pictures.next(keyframe: true)])
        await recording.begun()
        try await settle()
        #expect(recording.sent == 1)
        publisher.stop()
        try await engine.kill()
    }

    /// Once, and not each time that the engine comes back.
    @Test func soundThatDoesNotComeIsNotWaitedForLongerNorAgain() async throws {
        let engine = try await FakeEngine.start()
        let recording = Recording()
        let publisher = publisher(engine, Self.ofMediaMTX, patience: .milliseconds(20), recording)
        var pictures = Pictures(Self.ofMediaMTX, camera)
        publisher.send([pictures.next(keyframe: true), pictures.next()])
        await recording.begun()
        for _ in 0..<2 { #expect(await nextIsPicture(engine) == true) }
        try await engine.kill()

        let second = try await FakeEngine.start(port: engine.port)
        await recording.begun()
        try await settle()
        let before = recording.sent
        publisher.send([pictures.next(keyframe: true)])
        try await settle()
        #expect(recording.sent == before + 1)
        publisher.stop()
        try await second.kill()
    }

    @Test func anEngineThatIsLostMeanwhileGetsPictureAndSoundWhenItIsBack() async throws {
        let engine = try await FakeEngine.start()
        let recording = Recording()
        let publisher = publisher(engine, Self.ofMediaMTX, patience: .seconds(3600), recording)
        var pictures = Pictures(Self.ofMediaMTX, camera)
        publisher.send([pictures.next(keyframe: true)])
        await recording.begun()
        try await engine.kill()
        while await engine.first({ if case .disconnected = $0 { true } else { nil } }) == nil {}
        let second = try await FakeEngine.start(port: engine.port)
        await recording.begun()
        publisher.send([pictures.next(), try pictures.sound()])
        var order: [Bool?] = []
        for _ in 0..<3 { order.append(await nextIsPicture(second)) }
        // The engine may have what the publisher has not counted yet.
        try await settle()
        #expect(order == [true, false, true] && recording.sent == 2)
        publisher.stop()
        try await second.kill()
    }
}
