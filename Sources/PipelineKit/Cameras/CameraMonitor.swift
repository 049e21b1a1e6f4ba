import Logging
import MediaKit
import StreamModel
import Synchronization

/// Puts a camera's status together from what its threads say, and reports each change of it.
final class CameraMonitor: Sendable {
    private struct State {
        var status: CameraStatus
        var retry = CameraRetry()
        var losses = LossReport()
        var overload = Overload()
        /// Whether it has sent a picture: what is wrong later is not its address.
        var hasWorked: Bool
        var codec = ""
        var frameRate: Double?
        var access: CameraAccess?
        var sound = KnownSound.unknown
        var audio: AudioSummary?
        /// What is wrong with the microphone; nil without one, too.
        var microphoneProblem: MicrophoneProblem?
    }

    private let state: Mutex<State>
    private let now: @Sendable () -> MonotonicInstant
    private let logger: Logger
    private let events: EventSink

    /// - Parameter hasWorked: whether it has sent a picture to whoever read it before.
    init(
        cameraID: String, hasWorked: Bool = false, now: @escaping @Sendable () -> MonotonicInstant, logger: Logger,
        events: @escaping EventSink
    ) {
        state = Mutex(State(status: CameraStatus(cameraID: cameraID, state: .connecting), hasWorked: hasWorked))
        self.now = now
        self.logger = logger
        self.events = events
    }

    var hasWorked: Bool { state.withLock { $0.hasWorked } }

    /// Whether pictures have come since it was opened.
    var isLive: Bool { state.withLock { $0.status.state == .live } }

    /// The camera is about to be opened for the first time.
    func begin() {
        state.withLock { events(.camera($0.status)) }
    }

    /// It answers, and says what comes.
    ///
    /// - Parameters:
    ///   - access: how it is read; nil when it is drawn.
    ///   - sound: nil where a microphone is heard in its place.
    ///   - audio: its sound, also of a kind that is not passed on.
    func opened(
        codec: String, frameRate: Double?, access: CameraAccess?, sound: KnownSound?, audio: AudioSummary?
    ) {
        state.withLock { state in
            state.codec = codec
            state.frameRate = frameRate
            state.access = access
            if let sound { (state.sound, state.audio) = (sound, audio) }
            state.overload = Overload()
        }
    }

    /// A picture has come.
    func live(width: Int, height: Int) {
        state.withLock { state in
            guard state.status.state != .live || state.status.width != width || state.status.height != height else {
                return
            }
            state.retry.succeeded(at: now())
            state.status.state = .live
            state.status.message = state.microphoneProblem?.sentence
            state.status.messageCode = state.microphoneProblem?.code
            state.hasWorked = true
            state.status.codec = state.codec
            state.status.width = width
            state.status.height = height
            state.status.fps = state.frameRate
            state.status.access = state.access
            state.status.sound = state.sound.text
            state.status.audio = state.audio
            logger.info("The camera sends \(state.codec) \(width)x\(height).")
            events(.camera(state.status))
        }
    }

    /// A coded picture has come while pictures are decoded.
    ///
    /// - Parameter isInTime: whether none had to be left out for it.
    func decodes(isInTime: Bool) {
        state.withLock { state in
            let now = now()
            if !isInTime { state.overload.leftOut(at: now) }
            guard state.status.state == .live else { return }
            let isOverloaded = state.overload.isPresent(at: now)
            let message = isOverloaded ? Overload.sentence : state.microphoneProblem?.sentence
            guard message != state.status.message else { return }
            state.status.message = message
            state.status.messageCode = isOverloaded ? Overload.code : state.microphoneProblem?.code
            if isOverloaded { logger.warning("The camera's pictures can't be decoded as fast as they come.") }
            events(.camera(state.status))
        }
    }

    /// The camera's microphone gives sound.
    func hears(_ sound: KnownSound, audio: AudioSummary) {
        state.withLock { state in
            (state.sound, state.audio) = (sound, audio)
            logger.info("The microphone gives \(audio.described().text).")
            report(nil, in: &state)
        }
    }

    /// It gives none, or none any more.
    func missesMicrophone(_ problem: MicrophoneProblem, _ error: MediaError) {
        state.withLock { state in
            guard state.microphoneProblem != problem else { return }
            logger.warning("\(error)")
            report(problem, in: &state)
        }
    }

    private func report(_ problem: MicrophoneProblem?, in state: inout State) {
        state.microphoneProblem = problem
        guard state.status.state == .live else { return }
        state.status.sound = state.sound.text
        state.status.audio = state.audio
        state.status.message = problem?.sentence
        state.status.messageCode = problem?.code
        events(.camera(state.status))
    }

    /// Losses since the camera was opened; nil where they are not counted.
    func missed(_ losses: CameraLosses?) {
        state.withLock { state in
            guard let changed = state.losses.note(losses, at: now()), state.status.state == .live else { return }
            state.status.losses = changed
            events(.camera(state.status))
        }
    }

    /// It can't be read, or not any more.
    ///
    /// - Returns: how long to wait before the next attempt.
    func lost(_ error: MediaError) -> Duration {
        state.withLock { state in
            let isInput = error.silentInput != nil
            let delay = state.retry.failed(error.kind, isInput: isInput, at: now())
            // One that waits for its program is asked each second.
            let isNews = !isInput || state.status.state != .lost
            state.status = CameraStatus(
                cameraID: state.status.cameraID, state: .lost,
                message: state.hasWorked ? error.userMessageOfAwayCamera : error.userMessage,
                code: error.messageCode(isAway: state.hasWorked))
            state.status.losses = state.losses.closed()
            logger.log(level: isNews ? .warning : .debug, "\(error)", metadata: ["retry_in": "\(delay)"])
            events(.camera(state.status))
            return delay
        }
    }
}
