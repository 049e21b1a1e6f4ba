import Logging
import MediaKit
import NIOCore
import StreamModel
import StreamProtocols
import Synchronization

/// Reads a camera on a thread of its own: opens it, decodes it, hands out its frames, and opens it again when it is lost.
final class CameraReader: Sendable {
    /// What the reader needs from the world; tests put a virtual one in its place.
    struct Environment: Sendable {
        var open: @Sendable (CameraSettings, InterruptFlag) throws(MediaError) -> any PictureSource
        var now: @Sendable () -> MonotonicInstant
        /// Waits for a time; returns early when the flag is raised, or when somebody answers at the door, if there is one.
        var pause: @Sendable (Duration, CameraDoor?, InterruptFlag) -> Void

        static func live(eventLoop: any EventLoop) -> Environment {
            let sources = PacketSources()
            return Environment(
                open: { (camera, interrupt) throws(MediaError) -> any PictureSource in
                    camera.isDemo
                        ? try DemoPictures(interrupt: interrupt)
                        : try CodedPictures(camera, from: sources, interrupt: interrupt)
                },
                now: { .now },
                pause: { delay, door, interrupt in
                    let deadline = MonotonicInstant.now + delay
                    if let door {
                        door.waitUntilOpen(deadline: deadline, interrupt: interrupt, eventLoop: eventLoop)
                    } else {
                        interrupt.wait(until: deadline)
                    }
                })
        }
    }

    /// The longest that a thread that works is silent: opening tries two transports of ten seconds each, and looks up a
    /// name before.
    static let silenceLimit: Duration = .seconds(60)

    let settings: CameraSettings
    /// Ends when the camera has been closed.
    let thread: DedicatedThread
    private let interrupt: InterruptFlag
    private let life: SignOfLife

    /// Starts at once.
    ///
    /// - Parameter predecessor: what read the camera until now; waited for, because many cameras serve few connections.
    init(
        _ settings: CameraSettings, fanout: FrameFanout, after predecessor: DedicatedThread? = nil,
        environment: Environment, logger: Logger, events: @escaping EventSink
    ) {
        self.settings = settings
        let interrupt = InterruptFlag()
        self.interrupt = interrupt
        let life = SignOfLife(at: environment.now())
        self.life = life
        var logger = logger
        logger[metadataKey: "camera"] = "\(settings.id)"
        thread = DedicatedThread(name: "camera") { [logger] in
            predecessor?.join()
            CameraLoop(
                settings: settings, fanout: fanout, interrupt: interrupt, life: life, environment: environment,
                logger: logger, events: events
            ).run()
        }
    }

    /// Returns at once; ``thread`` ends soon after. Idempotent.
    func stop() { interrupt.interrupt() }

    /// Whether a library does not return: what was read last, or tried, is too long ago.
    func hangs(at now: MonotonicInstant) -> Bool {
        !thread.isFinished && life.latest.duration(to: now) >= Self.silenceLimit
    }
}

/// When a thread was last seen to do something.
private final class SignOfLife: Sendable {
    private let instant: Mutex<MonotonicInstant>

    init(at now: MonotonicInstant) { instant = Mutex(now) }

    var latest: MonotonicInstant { instant.withLock { $0 } }

    func give(at now: MonotonicInstant) { instant.withLock { $0 = now } }
}

/// What a camera's thread does, until it is stopped. Used by that thread alone.
private final class CameraLoop {
    private let settings: CameraSettings
    private let fanout: FrameFanout
    private let interrupt: InterruptFlag
    private let life: SignOfLife
    private let environment: CameraReader.Environment
    private let logger: Logger
    private let events: EventSink

    private var retry = CameraRetry()
    private var losses = LossReport()
    private var status: CameraStatus
    /// Whether it has sent a picture: what is wrong later is not its address.
    private var hasWorked = false

    init(
        settings: CameraSettings, fanout: FrameFanout, interrupt: InterruptFlag, life: SignOfLife,
        environment: CameraReader.Environment, logger: Logger, events: @escaping EventSink
    ) {
        self.settings = settings
        self.fanout = fanout
        self.interrupt = interrupt
        self.life = life
        self.environment = environment
        self.logger = logger
        self.events = events
        status = CameraStatus(cameraID: settings.id, state: .connecting)
    }

    func run() {
        events(.camera(status))
        while !interrupt.isInterrupted {
            life.give(at: environment.now())
            do throws(MediaError) {
                try read(try environment.open(settings, interrupt))
            } catch {
                guard !interrupt.isInterrupted else { return }
                lost(error)
            }
        }
    }

    private func read(_ source: any PictureSource) throws(MediaError) {
        while !interrupt.isInterrupted {
            life.give(at: environment.now())
            switch try source.next(fanout.needs) {
            case .frame(let frame):
                showLive(source, width: frame.width, height: frame.height)
                fanout.deliver(frame)
            case .packet(let packet):
                // Without a decoder, the parameter sets of a picture that decoding can begin at say what comes.
                if packet.isRandomAccess, !fanout.needs.frames, let picture = packet.facts.picture {
                    showLive(source, width: picture.width, height: picture.height)
                }
                fanout.deliver(packet)
            }
            if let changed = losses.note(source.losses, at: environment.now()), status.state == .live {
                status.losses = changed
                events(.camera(status))
            }
        }
    }

    private func showLive(_ source: any PictureSource, width: Int, height: Int) {
        guard status.state != .live || status.width != width || status.height != height else { return }
        retry.succeeded(at: environment.now())
        status.state = .live
        status.message = nil
        hasWorked = true
        status.codec = source.codec
        status.width = width
        status.height = height
        status.fps = source.frameRate
        status.access = source.access
        logger.info("The camera sends \(source.codec) \(width)x\(height).")
        events(.camera(status))
    }

    private func lost(_ error: MediaError) {
        let delay = retry.failed(error.kind, at: environment.now())
        status = CameraStatus(
            cameraID: settings.id, state: .lost,
            message: hasWorked ? error.userMessageOfAwayCamera : error.userMessage)
        status.losses = losses.closed()
        life.give(at: environment.now())
        logger.warning("\(error)", metadata: ["retry_in": "\(delay)"])
        events(.camera(status))
        environment.pause(delay, CameraDoor.isClosed(error.kind) ? CameraDoor(url: settings.url) : nil, interrupt)
    }
}
