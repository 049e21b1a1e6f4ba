import Logging
import MediaKit
import NIOPosix
import StreamModel
import StreamProtocols
import Synchronization
import Testing

@testable import PipelineKit

@Suite(.timeLimit(.minutes(1)))
struct CameraReaderTests {
    /// A world in which time passes only when the reader waits or is told that pictures came.
    private final class World: Sendable {
        private struct State {
            var now = ContinuousClock.now
            var pauses: [Duration] = []
            var attempts = 0
        }
        /// More than any test looks at. A reader that went on for ever would take a core from all other tests.
        private static let mostPauses = 10

        private let state = Mutex(State())
        let paused: AsyncStream<Duration>
        private let continuation: AsyncStream<Duration>.Continuation

        init() { (paused, continuation) = AsyncStream.makeStream() }

        /// - Parameter open: what happens at each attempt: for how long pictures come, and how it ends.
        func environment(_ open: @escaping @Sendable (Int) -> (Duration?, MediaError.Kind)) -> CameraReader.Environment
        {
            .init(
                open: { (_, interrupt) throws(MediaError) -> OpenedCamera in
                    let attempt = self.state.withLock { state in
                        defer { state.attempts += 1 }
                        return state.attempts
                    }
                    let (healthy, kind) = open(attempt)
                    guard let healthy else { throw .test(kind) }
                    return .drawn(Source(end: .test(kind)) { self.state.withLock { $0.now += healthy } })
                },
                now: { self.state.withLock(\.now) },
                pause: { delay, _, interrupt in
                    let count = self.state.withLock {
                        $0.now += delay
                        $0.pauses.append(delay)
                        return $0.pauses.count
                    }
                    self.continuation.yield(delay)
                    if count >= Self.mostPauses { interrupt.wait(until: .now + .seconds(60)) }
                })
        }

        func pauses(_ count: Int) async -> [Duration] {
            var pauses: [Duration] = []
            for await pause in paused {
                pauses.append(pause)
                if pauses.count == count { break }
            }
            return pauses
        }
    }

    /// Gives one frame, lets time pass, and ends.
    private final class Source: PictureSource {
        let codec = "h264"
        let frameRate: Double? = 25
        let sound: RTPFormat? = nil
        private let end: MediaError
        private let pass: @Sendable () -> Void
        private var given = 0

        init(end: MediaError, pass: @escaping @Sendable () -> Void) {
            self.end = end
            self.pass = pass
        }

        func next() throws(MediaError) -> DrawnPicture {
            given += 1
            guard given == 1 else {
                pass()
                throw end
            }
            return DrawnPicture(frame: try PlaceholderImage.frame(width: 64, height: 48, colour: .gray, lines: []))
        }
    }

    private static let live = CameraReader.Environment.live(
        eventLoop: MultiThreadedEventLoopGroup.singleton.next(), mediaRoots: MediaRoots([]))

    private func camera() throws -> CameraSettings {
        CameraSettings(try Camera(json: ["id": "c", "name": "C", "url": "rtsp://127.0.0.1/1"]))
    }

    @Test func aCameraThatIsAwayIsAskedLessAndLessOften() async throws {
        let world = World()
        let log = EventLog()
        let reader = CameraReader(
            try camera(), fanout: FrameFanout(), environment: world.environment { _ in (nil, .refused) },
            logger: Logger(label: "test"), events: log.sink)
        // The schedule of the issue: 0.5 s doubling to 10 s.
        #expect(
            await world.pauses(7)
                == [.milliseconds(500), .seconds(1), .seconds(2), .seconds(4), .seconds(8), .seconds(10), .seconds(10)])
        reader.stop()
        await reader.thread.completion()
    }

    @Test func thirtySecondsOfPicturesStartTheScheduleOver() async throws {
        let world = World()
        let log = EventLog()
        let reader = CameraReader(
            try camera(), fanout: FrameFanout(),
            environment: world.environment { attempt in
                switch attempt {
                case 2: (.seconds(29), .endOfStream)
                case 3: (.seconds(30), .endOfStream)
                default: (nil, .timedOut)
                }
            },
            logger: Logger(label: "test"), events: log.sink)
        #expect(
            await world.pauses(5) == [.milliseconds(500), .seconds(1), .seconds(2), .milliseconds(500), .seconds(1)])
        reader.stop()
        await reader.thread.completion()
        let states = log.events.compactMap { if case .camera(let status) = $0 { status.state } else { nil } }
        #expect(states.prefix(6) == [.connecting, .lost, .lost, .live, .lost, .live])
    }

    @Test func aWrongPasswordIsNotTriedOften() async throws {
        let world = World()
        let reader = CameraReader(
            try camera(), fanout: FrameFanout(), environment: world.environment { _ in (nil, .unauthorized) },
            logger: Logger(label: "test"), events: EventLog().sink)
        #expect(await world.pauses(5) == [60, 120, 240, 480, 900].map { .seconds($0) })
        reader.stop()
        await reader.thread.completion()
    }

    @Test func aCameraThatWorkedIsSaidToBeAway() async throws {
        let world = World()
        let log = EventLog()
        let reader = CameraReader(
            try camera(), fanout: FrameFanout(),
            environment: world.environment { attempt in attempt == 1 ? (.seconds(30), .endOfStream) : (nil, .notFound)
            },
            logger: Logger(label: "test"), events: log.sink)
        _ = await world.pauses(3)
        reader.stop()
        await reader.thread.completion()
        let messages = log.events.compactMap { event -> String? in
            if case .camera(let status) = event { status.message } else { nil }
        }
        #expect(messages.count >= 3)
        #expect(messages[0].contains("check the path"))
        #expect(messages[1].contains("away: it ended the stream"))
        #expect(
            messages[2].contains("away: it answers, but its stream is not there") && !messages[2].contains("manual"))
    }

    @Test func whatIsWrongIsSaidInASentence() async throws {
        let world = World()
        let log = EventLog()
        let reader = CameraReader(
            try camera(), fanout: FrameFanout(), environment: world.environment { _ in (nil, .noVideo) },
            logger: Logger(label: "test"), events: log.sink)
        let message = await log.first { if case .camera(let status) = $0 { status.message } else { nil } }
        #expect(message == MediaError.test(.noVideo).userMessage)
        reader.stop()
        await reader.thread.completion()
    }

    /// Never returns from reading until it is let go.
    private final class HangingSource: PictureSource {
        let codec = "h264"
        let frameRate: Double? = nil
        let sound: RTPFormat? = nil
        let letGo: InterruptFlag

        init(letGo: InterruptFlag) { self.letGo = letGo }

        func next() throws(MediaError) -> DrawnPicture {
            letGo.wait(until: .now + .seconds(30))
            throw .test(.endOfStream)
        }
    }

    @Test func aLibraryThatDoesNotReturnIsNoticed() async throws {
        let start = ContinuousClock.now
        let letGo = InterruptFlag()
        let (opened, continuation) = AsyncStream.makeStream(of: Void.self)
        let reader = CameraReader(
            try camera(), fanout: FrameFanout(),
            environment: .init(
                open: { (_, _) throws(MediaError) -> OpenedCamera in
                    continuation.yield()
                    return .drawn(HangingSource(letGo: letGo))
                },
                now: { start }, pause: { _, _, _ in }),
            logger: Logger(label: "test"), events: EventLog().sink)
        for await _ in opened { break }
        #expect(!reader.hangs(at: start + CameraReader.silenceLimit - .milliseconds(1)))
        #expect(reader.hangs(at: start + CameraReader.silenceLimit))
        reader.stop()
        letGo.interrupt()
        await reader.thread.completion()
        // One that has ended does not hang.
        #expect(!reader.hangs(at: start + CameraReader.silenceLimit))
    }

    @Test func theDemoIsACameraToo() async throws {
        let fanout = FrameFanout()
        let (frames, continuation) = AsyncStream.makeStream(of: VideoFrame.self)
        fanout.set([.init(receive: { continuation.yield($0) })])
        let log = EventLog()
        let reader = CameraReader(
            CameraSettings(try Camera(json: ["id": "d", "name": "D", "url": "demo:"])), fanout: fanout,
            environment: Self.live, logger: Logger(label: "test"), events: log.sink)
        var counters: [UInt32?] = []
        for await frame in frames.prefix(5) { counters.append(FrameCounter.read(from: frame)) }
        #expect(counters == [0, 1, 2, 3, 4])
        reader.stop()
        await reader.thread.completion()
    }

    @Test func stoppingEndsAPauseAtOnce() async throws {
        let log = EventLog()
        // Nothing listens on port 1; the real pause would grow to ten seconds.
        let reader = CameraReader(
            CameraSettings(try Camera(json: ["id": "c", "name": "C", "url": "rtsp://127.0.0.1:1/x"])),
            fanout: FrameFanout(), environment: Self.live, logger: Logger(label: "test"), events: log.sink)
        await log.first { if case .camera(let status) = $0, status.state == .lost { true } else { nil } }
        reader.stop()
        await reader.thread.completion()
    }
}

extension MediaError {
    fileprivate static func test(_ kind: Kind) -> MediaError {
        MediaError(kind: kind, operation: "read", subject: "rtsp://127.0.0.1/1", reason: "test")
    }
}
