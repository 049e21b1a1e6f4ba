import Foundation
import Logging
import MediaKit
import StreamModel
import StreamProtocols
import Synchronization
import Testing

@testable import PipelineKit

/// The whole worker, through pipes.
@Suite(.serialized, .timeLimit(.minutes(1)))
struct WorkerTests {
    private final class Harness: Sendable {
        /// A thread of a worker that has ended may still look at its descriptors. Their numbers must not become another test's.
        private static let pipes = Mutex<[Pipe]>([])

        private let commands = Pipe()
        private let reports = Pipe()
        let task: Task<Void, Never>
        let events: AsyncStream<WorkerEvent>
        let worker: Worker

        init() {
            Self.pipes.withLock { [commands, reports] in $0 += [commands, reports] }
            worker = Worker(
                input: commands.fileHandleForReading.fileDescriptor,
                output: reports.fileHandleForWriting.fileDescriptor,
                mediaRoots: MediaRoots([]), logger: Logger(label: "test"))
            task = Task { [worker] in await worker.run() }
            let (events, continuation) = AsyncStream.makeStream(of: WorkerEvent.self)
            self.events = events
            let input = FileDescriptorInput(descriptor: reports.fileHandleForReading.fileDescriptor)
            Thread.detachNewThread {
                var splitter = LineSplitter(byteLimit: 1 << 24)
                while let bytes = input.read() {
                    for case .complete(let line) in splitter.append(bytes) {
                        guard let event = try? JSONDecoder().decode(WorkerEvent.self, from: Data(line)) else {
                            Issue.record("not an event: \(String(decoding: line, as: UTF8.self))")
                            continue
                        }
                        continuation.yield(event)
                    }
                }
                continuation.finish()
            }
        }

        func send(_ command: WorkerCommand) throws {
            try commands.fileHandleForWriting.write(contentsOf: JSONEncoder().encode(command) + [0x0A])
        }

        func send(text: String) throws { try commands.fileHandleForWriting.write(contentsOf: Data(text.utf8)) }

        func endInput() { end(commands) }

        /// Closes the pipe's end for writing, and leaves its number to nobody.
        private func end(_ pipe: Pipe) {
            let nothing = open("/dev/null", O_WRONLY)
            dup2(nothing, pipe.fileHandleForWriting.fileDescriptor)
            close(nothing)
        }

        /// Waits for the worker, and lets the events end.
        func finish() async {
            await task.value
            end(reports)
        }

        @discardableResult
        func first<T>(_ extract: (WorkerEvent) -> T?) async -> T? {
            for await event in events {
                if let value = extract(event) { return value }
            }
            return nil
        }
    }

    private static func configuration(
        port: Int, encoding: Encoding = Encoding(width: 320, height: 180, fps: 25)
    ) throws -> WorkerConfiguration {
        WorkerConfiguration(
            cameras: [try Camera(json: ["id": "c", "name": "Demo", "url": "demo:"])],
            pipelines: [
                try Pipeline(json: [
                    "id": "p", "name": "demo",
                    "nodes": [
                        ["id": "source", "operator": "camera.source", "config": ["camera_id": "c"]],
                        ["id": "stream", "operator": "stream.publish_video", "config": ["transmission_id": "t"]],
                    ],
                    "edges": [["from": ["node": "source"], "to": ["node": "stream"]]],
                ])
            ],
            transmissions: [try Transmission(json: ["id": "t", "name": "Demo", "path": "demo"])],
            renditions: [
                RenditionSpec(
                    id: "t:demo", transmissionID: "t", encoding: encoding,
                    targets: [PublishTarget(path: "demo", host: "127.0.0.1", port: port, username: "u", password: "p")])
            ])
    }

    private static func state(_ event: WorkerEvent) -> RenditionState? {
        if case .rendition(let status) = event { status.state } else { nil }
    }

    @Test func theDemoIsPublishedWhileItIsWanted() async throws {
        let engine = try await FakeEngine.start()
        let harness = Harness()
        let pid = await harness.first { if case .ready(let pid) = $0 { pid } else { nil } }
        #expect(pid == Int(ProcessInfo.processInfo.processIdentifier))
        try harness.send(.configure(try Self.configuration(port: engine.port)))
        try harness.send(.demand(renditions: ["t:demo"]))
        await harness.first { Self.state($0) == .live ? true : nil }

        let first = try #require(await engine.nextUnit())
        #expect(first.isRandomAccess)
        var timestamps: [Int64] = []
        while timestamps.count < 40 { timestamps.append(try #require(await engine.nextUnit()).presentationTime) }
        let steps = zip(timestamps, timestamps.dropFirst()).map { $1 - $0 }
        #expect(steps.allSatisfy { $0 > 0 })
        // The demo's 25 fps on 90 kHz; a loaded machine may lose some.
        #expect(steps.sorted()[steps.count / 2] == 3600)

        // Counters come once a second.
        let sent = await harness.first { event -> Int? in
            if case .rendition(let status) = event, status.framesSent > 0 { status.framesSent } else { nil }
        }
        #expect(sent != nil)
        try harness.send(.forceKeyframe(rendition: "t:demo"))
        #expect(await engine.first { if case .unit(let unit) = $0, unit.isRandomAccess { true } else { nil } } == true)

        try harness.send(.demand(renditions: []))
        await harness.first { Self.state($0) == .cold ? true : nil }
        harness.endInput()
        await harness.finish()
        try await engine.kill()
    }

    /// With B-frames a keyframe comes out some pictures after it was asked for, and is asked for once.
    @Test func oneKeyframeIsMadeForARequest() async throws {
        let engine = try await FakeEngine.start()
        let harness = Harness()
        let encoding = Encoding(
            width: 320, height: 180, fps: 25, video: VideoSettings(keyframeInterval: 3600, maximumBFrames: 4))
        try harness.send(.configure(try Self.configuration(port: engine.port, encoding: encoding)))
        try harness.send(.demand(renditions: ["t:demo"]))
        await harness.first { Self.state($0) == .live ? true : nil }
        // The first picture of the camera is one too, after the placeholder.
        for _ in 0..<25 { _ = await engine.nextUnit() }
        try harness.send(.forceKeyframe(rendition: "t:demo"))
        while try #require(await engine.nextUnit()).isRandomAccess == false {}
        for _ in 0..<15 { #expect(try #require(await engine.nextUnit()).isRandomAccess == false) }
        harness.endInput()
        await harness.finish()
        try await engine.kill()
    }

    /// An encoder of a variable bitrate is replaced, one of a constant bitrate goes on.
    @Test(arguments: [BitrateMode.cbr, .vbr])
    func ratesChangeWithoutAnotherPublisher(_ mode: BitrateMode) async throws {
        func encoding(_ bitrateKbps: Int, fps: Int) -> Encoding {
            Encoding(
                width: 320, height: 180, fps: fps, bitrateKbps: bitrateKbps,
                // So that every picture needs more than it gets.
                video: VideoSettings(quality: .fastest, keyframeInterval: 1, bitrateMode: mode))
        }
        let engine = try await FakeEngine.start()
        let harness = Harness()
        var announcements = 0
        var last = Int64(-1)
        for (kbps, fps) in [(400, 25), (800, 25), (500, 10), (400, 25)] {
            try harness.send(.configure(try Self.configuration(port: engine.port, encoding: encoding(kbps, fps: fps))))
            try harness.send(.demand(renditions: ["t:demo"]))
            var recent: [(bytes: Int, time: Int64)] = []
            let found = await engine.first { event -> Bool? in
                switch event {
                case .request(let request): announcements += request.method == .announce ? 1 : 0
                case .disconnected: return false
                case .unit(let sample):
                    #expect(sample.presentationTime > last)
                    last = sample.presentationTime
                    recent.append((sample.byteCount, sample.presentationTime))
                    if recent.count > 2 * fps { recent.removeFirst() }
                    guard recent.count == 2 * fps, let first = recent.first else { return nil }
                    // A picture's share is the bitrate's, however many the machine makes of them.
                    let share = Double(recent.reduce(0) { $0 + $1.bytes } * 8) / 1000 / Double(recent.count)
                    let steps = Double(last - first.time) / Double(recent.count - 1)
                    let isOfRate = abs(steps * Double(fps) / 90_000 - 1) < 0.1
                    if isOfRate, abs(share * Double(fps) / Double(kbps) - 1) < 0.1 { return true }
                case .senderReport, .sound: break
                }
                return nil
            }
            #expect(found == true, "the publisher's connection was broken")
        }
        #expect(announcements == 1)
        harness.endInput()
        await harness.finish()
        try await engine.kill()
    }

    @Test func aStillIsTakenWithoutEncoderAndEngine() async throws {
        let harness = Harness()
        try harness.send(.configure(try Self.configuration(port: 1)))
        try harness.send(.demand(renditions: [], transmissions: ["t"]))
        try harness.send(.takeStill(requestID: "1", transmissionID: "t", maximumWidth: 640))
        try harness.send(.takeStill(requestID: "2", transmissionID: "gone", maximumWidth: 640))
        var results: [String: StillResult] = [:]
        while results.count < 2 {
            let (id, result) = try #require(
                await harness.first { event -> (String, StillResult)? in
                    if case .stillTaken(let id, let result) = event { return (id, result) }
                    if case .rendition = event { Issue.record("\(event)") }
                    return nil
                })
            results[id] = result
        }
        #expect(results["1"]?.isLive == true)
        // SOI, and the start of the first segment (ITU-T T.81 B.1.1.3).
        #expect(results["1"]?.jpeg?.prefix(3) == Data([0xff, 0xd8, 0xff]))
        #expect(results["2"]?.jpeg == nil && results["2"]?.message != nil)
        // Without a camera it is the placeholder, which needs no waiting.
        var configuration = try Self.configuration(port: 1)
        configuration.pipelines = []
        try harness.send(.configure(configuration))
        try harness.send(.takeStill(requestID: "3", transmissionID: "t", maximumWidth: 640))
        let placeholder = await harness.first { event -> StillResult? in
            if case .stillTaken("3", let result) = event { result } else { nil }
        }
        #expect(placeholder?.isLive == false && placeholder?.jpeg != nil)
        harness.endInput()
        await harness.finish()
    }

    @Test func anEqualConfigurationDisturbsNothing() async throws {
        let engine = try await FakeEngine.start()
        let harness = Harness()
        let configuration = try Self.configuration(port: engine.port)
        try harness.send(.configure(configuration))
        try harness.send(.demand(renditions: ["t:demo"]))
        _ = await engine.nextUnit()
        var changed = configuration
        changed.cameras[0].name = "Other name"
        changed.cameras.append(try Camera(json: ["id": "c2", "name": "More", "url": "rtsp://127.0.0.1:1/"]))
        for _ in 0..<20 {
            try harness.send(.configure(changed))
            try harness.send(.configure(configuration))
        }
        // The stream goes on over the same connection.
        for _ in 0..<50 {
            _ = await engine.first { event -> Sample? in
                switch event {
                case .unit(let unit): return unit
                case .request(let request):
                    if request.method == .announce || request.method == .teardown { Issue.record("\(request.method)") }
                case .disconnected: Issue.record("disconnected")
                case .senderReport, .sound: break
                }
                return nil
            }
        }
        try harness.send(.shutdown)
        await harness.finish()
        var cameraStarts = 0
        var renditionStates: [RenditionState] = []
        for await event in harness.events {
            if case .camera(let status) = event, status.state == .connecting { cameraStarts += 1 }
            if let state = Self.state(event), state != renditionStates.last { renditionStates.append(state) }
        }
        #expect(cameraStarts == 1)
        #expect(renditionStates.filter { $0 == .starting || $0 == .cold } == [.starting, .cold])
        try await engine.kill()
    }

    @Test(arguments: ["end", "shutdown", "stop"])
    func itEndsInTime(_ how: String) async throws {
        let harness = Harness()
        // A camera and an engine that do not answer.
        var configuration = try Self.configuration(port: 1)
        configuration.cameras[0] = try Camera(json: ["id": "c", "name": "Gone", "url": "rtsp://192.0.2.1/1"])
        try harness.send(.configure(configuration))
        try harness.send(.demand(renditions: ["t:demo"]))
        await harness.first { if case .camera = $0 { true } else { nil } }
        let start = ContinuousClock.now
        switch how {
        case "end": harness.endInput()
        case "shutdown": try harness.send(.shutdown)
        default: harness.worker.stop()
        }
        await harness.finish()
        // The bound itself, with room for a loaded machine.
        #expect(start.duration(to: .now) < Worker.stopTimeout + .seconds(3))
    }

    @Test func garbageIsIgnored() async throws {
        let harness = Harness()
        try harness.send(text: "not json\n{\"command\":\"explode\"}\n{}\n[1,2]\n\n{\"command\":\"demand\"}\n")
        try harness.send(
            .testCamera(requestID: "1", camera: try Camera(json: ["id": "c", "name": "Demo", "url": "demo:"])))
        let result = await harness.first { event -> CameraTestResult? in
            if case .cameraTested("1", let result) = event { result } else { nil }
        }
        #expect(result?.ok == true)
        #expect(result?.still?.hasPrefix("data:image/jpeg;base64,/9j/") == true)
        #expect(result?.width == 1280)
        harness.endInput()
        await harness.finish()
    }

    @Test func aFileElsewhereIsNotRead() async throws {
        var camera = try Camera(json: ["id": "c", "name": "File", "url": "demo:"])
        camera.url = "file:///etc/passwd"
        let result = CameraTest(camera, from: PacketSources(mediaRoots: MediaRoots(["/media"])), interrupt: .init())
            .run()
        #expect(!result.ok)
        #expect(
            result.message
                == "file:///etc/passwd cannot be used: Files are read only from /media. Move the file there, or name its folder "
                + "in TOPOSYNC_STREAMING_MEDIA_ROOTS when the server is started.")
        #expect(throws: MediaError.self) {
            _ = try PacketSources(mediaRoots: MediaRoots(["/media"])).open(
                CameraSettings(camera), options: DemuxerOptions(), interrupt: InterruptFlag())
        }
    }

    @Test(arguments: [
        ("rtsp://127.0.0.1:1/x", MediaErrorWord.refused), ("file:///nonexistent.mp4", .missing),
        ("gopher://x", .unsupported),
    ])
    func aBadCameraIsExplained(_ url: String, _ word: MediaErrorWord) async throws {
        var camera = try Camera(json: ["id": "c", "name": "Bad", "url": "demo:"])
        camera.url = url
        let result = CameraTest(camera, from: PacketSources(mediaRoots: MediaRoots(["/"])), interrupt: .init()).run()
        #expect(!result.ok)
        #expect(result.message.contains(word.rawValue), "\(result.message)")
        #expect(result.message.hasSuffix("."))
    }

    enum MediaErrorWord: String, Sendable {
        case refused = "refused the connection"
        case missing = "does not exist"
        case unsupported = "cannot be used"
    }
}
