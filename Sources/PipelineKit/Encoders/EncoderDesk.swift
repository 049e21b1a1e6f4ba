import Logging
import MediaKit
import StreamModel
import Synchronization

/// Knows which encoders work here, for all renditions of a worker: tries each once, on a thread of its own, and keeps
/// those away that turned out to be flaky.
final class EncoderDesk: Sendable {
    /// What the desk needs from the world; tests put other encoders in their place.
    struct Environment: Sendable {
        var now: @Sendable () -> MonotonicInstant = { .now }
        /// Encodes a picture, or throws why that does not work. May block.
        var probe: @Sendable (EncoderBackend) throws(MediaError) -> Void = { (backend) throws(MediaError) in
            try EncoderProbe.run(backend)
        }
        var open: @Sendable (EncoderSettings, EncoderBackend) throws(MediaError) -> any PictureEncoder = {
            (settings, backend) throws(MediaError) in try Encoder(settings: settings, backend: backend)
        }
    }

    /// A driver that takes longer to encode one picture does not work.
    static let probeLimit: Duration = .seconds(5)

    private enum Probe {
        case running(since: MonotonicInstant)
        case done(EncoderSelection.Standing)
    }

    private struct State {
        var probes: [EncoderBackend: Probe] = [:]
        var quarantine = EncoderQuarantine()
    }

    private let environment: Environment
    private let logger: Logger
    private let state = Mutex(State())

    init(environment: Environment = Environment(), logger: Logger) {
        self.environment = environment
        self.logger = logger
    }

    /// What to encode with now. Never blocks: what has not been tried yet is tried meanwhile.
    func selection(_ choice: EncoderChoice) -> EncoderSelection {
        EncoderSelection(choice, standing: standing)
    }

    func open(_ settings: EncoderSettings, _ backend: EncoderBackend) throws(MediaError) -> any PictureEncoder {
        try environment.open(settings, backend)
    }

    /// A hardware encoder that had been usable has failed while it worked.
    func failed(_ backend: EncoderBackend, _ error: MediaError) {
        logger.warning("The encoder \(backend.codecName) failed: \(error.reason).")
        let now = environment.now()
        state.withLock { state in
            // What strikes several renditions at once is one failure.
            guard case .done(.usable) = state.probes[backend] else { return }
            state.quarantine.failed(backend, at: now)
            // It is tried anew before it is used again.
            state.probes[backend] = nil
        }
    }

    private func standing(_ backend: EncoderBackend) -> EncoderSelection.Standing {
        let now = environment.now()
        return state.withLock { state in
            if state.quarantine.isShutOut(backend, at: now) {
                let minutes = EncoderQuarantine.duration.components.seconds / 60
                return .unusable(
                    CodedMessage(
                        "encoder_shut_out",
                        "it failed twice in a short time, and is left alone for \(minutes) minutes",
                        ["minutes": .string("\(minutes)")]))
            }
            switch state.probes[backend] {
            case nil:
                state.probes[backend] = .running(since: now)
                startProbe(backend)
                return .unknown
            case .running(let since):
                guard since.duration(to: now) >= Self.probeLimit else { return .unknown }
                let seconds = Self.probeLimit.components.seconds
                let standing = EncoderSelection.Standing.unusable(
                    CodedMessage(
                        "encoder_hangs", "it did not encode a picture within \(seconds) s",
                        ["seconds": .string("\(seconds)")]))
                state.probes[backend] = .done(standing)
                return standing
            case .done(let standing): return standing
            }
        }
    }

    /// The thread of a driver that hangs is left behind, and dies with the worker.
    private func startProbe(_ backend: EncoderBackend) {
        _ = DedicatedThread(name: "probe") { [self] in
            do throws(MediaError) {
                try environment.probe(backend)
                note(.usable, of: backend)
            } catch {
                logger.info("The encoder \(backend.codecName) is not usable here: \(error.reason).")
                note(.unusable(.freeText(error.reason)), of: backend)
            }
        }
    }

    /// What comes after the limit has passed is not believed.
    private func note(_ standing: EncoderSelection.Standing, of backend: EncoderBackend) {
        state.withLock { state in
            if case .running = state.probes[backend] { state.probes[backend] = .done(standing) }
        }
    }
}

/// Encodes the pictures of one rendition. Used by one thread.
protocol PictureEncoder {
    func encode(
        _ frame: VideoFrame, presentationTime: MediaTime, forceKeyframe: Bool
    ) throws(MediaError) -> [EncodedPacket]

    /// Takes on other settings from the next picture on; false where only another encoder can have them.
    func reconfigure(_ settings: EncoderSettings) -> Bool

    /// What it still holds; it takes no pictures after this.
    func finish() throws(MediaError) -> [EncodedPacket]
}

extension Encoder: PictureEncoder {}
