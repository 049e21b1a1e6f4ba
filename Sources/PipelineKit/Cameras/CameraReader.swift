import Logging
import MediaKit
import NIOCore
import StreamModel
import StreamProtocols
import Synchronization

/// Reads a camera on a thread of its own: opens it, hands on what comes, and opens it again when it is lost.
final class CameraReader: Sendable {
    /// What the reader needs from the world; tests put a virtual one in its place.
    struct Environment: Sendable {
        var open: @Sendable (CameraSettings, InterruptFlag) throws(MediaError) -> OpenedCamera
        var now: @Sendable () -> MonotonicInstant
        /// Waits for a time; returns early when the flag is raised, or when somebody answers at the door, if there is one.
        var pause: @Sendable (Duration, CameraDoor?, InterruptFlag) -> Void

        static func live(
            eventLoop: any EventLoop, mediaRoots: MediaRoots, homeAssistant: Secret? = nil
        ) -> Environment {
            let sources = PacketSources(mediaRoots: mediaRoots, homeAssistant: homeAssistant)
            return Environment(
                open: { (camera, interrupt) throws(MediaError) -> OpenedCamera in
                    guard !camera.isDemo else { return .drawn(try DemoPictures(interrupt: interrupt)) }
                    return .coded(
                        try sources.open(camera, options: camera.demuxerOptions(), interrupt: interrupt))
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
    private let monitor: CameraMonitor

    /// Starts at once.
    ///
    /// - Parameters:
    ///   - predecessor: what read the camera until now; waited for, because many cameras serve few connections.
    ///   - hasWorked: whether the camera has sent a picture to an earlier reader.
    init(
        _ settings: CameraSettings, fanout: FrameFanout, after predecessor: DedicatedThread? = nil,
        hasWorked: Bool = false, environment: Environment, logger: Logger, events: @escaping EventSink
    ) {
        self.settings = settings
        let interrupt = InterruptFlag()
        self.interrupt = interrupt
        let life = SignOfLife(at: environment.now())
        self.life = life
        var logger = logger
        logger[metadataKey: "camera"] = "\(settings.id)"
        let monitor = CameraMonitor(
            cameraID: settings.id, hasWorked: hasWorked, now: environment.now, logger: logger, events: events)
        self.monitor = monitor
        thread = DedicatedThread(name: "camera") {
            predecessor?.join()
            CameraLoop(
                settings: settings, fanout: fanout, interrupt: interrupt, life: life, environment: environment,
                monitor: monitor
            ).run()
        }
    }

    /// Whether the camera has sent a picture, to this reader or to an earlier one.
    var hasWorked: Bool { monitor.hasWorked }

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
    private let monitor: CameraMonitor

    init(
        settings: CameraSettings, fanout: FrameFanout, interrupt: InterruptFlag, life: SignOfLife,
        environment: CameraReader.Environment, monitor: CameraMonitor
    ) {
        self.settings = settings
        self.fanout = fanout
        self.interrupt = interrupt
        self.life = life
        self.environment = environment
        self.monitor = monitor
    }

    func run() {
        monitor.begin()
        let microphone = settings.microphone.map {
            Microphone($0, fanout: fanout, monitor: monitor, interrupt: interrupt)
        }
        defer { microphone?.join() }
        while !interrupt.isInterrupted {
            life.give(at: environment.now())
            do throws(MediaError) {
                let opened = try environment.open(settings, interrupt)
                microphone?.waitForAnswer()
                switch opened {
                case .coded(let source): try read(source)
                case .drawn(let source): try read(source)
                }
            } catch {
                guard !interrupt.isInterrupted else { return }
                let delay = monitor.lost(error)
                life.give(at: environment.now())
                environment.pause(
                    delay, CameraDoor.isClosed(error.kind) ? CameraDoor(url: settings.url) : nil, interrupt)
            }
        }
    }

    private func read(_ source: any PacketSource) throws(MediaError) {
        let sound = ownSound(source.sound)
        monitor.opened(
            codec: source.video.codec, frameRate: source.video.frameRate, access: source.access, sound: sound,
            audio: source.audio)
        if let sound { fanout.opened(with: sound) }
        let pictures = CodedPictures(
            source, of: try MediaURL(settings.url).description, isHeard: sound != nil, fanout: fanout, monitor: monitor)
        defer { pictures.end() }
        while !interrupt.isInterrupted {
            // A decoder that does not return is no sign of life, whatever the camera sends.
            life.give(at: pictures.decodingSince ?? environment.now())
            try pictures.advance()
            monitor.missed(source.losses)
        }
    }

    private func read(_ source: any PictureSource) throws(MediaError) {
        let sound = ownSound(source.sound)
        monitor.opened(
            codec: source.codec, frameRate: source.frameRate, access: nil, sound: sound,
            audio: source.sound.flatMap { AudioSummary($0.media) })
        if let sound { fanout.opened(with: sound) }
        while !interrupt.isInterrupted {
            life.give(at: environment.now())
            let picture = try source.next()
            monitor.live(width: picture.frame.width, height: picture.frame.height)
            fanout.deliver(picture.frame)
            if sound != nil, let heard = picture.sound { fanout.deliver(heard) }
        }
    }

    /// nil where a microphone is heard in its place.
    private func ownSound(_ format: RTPFormat?) -> KnownSound? {
        settings.microphone == nil ? KnownSound(format) : nil
    }
}
