import MediaKit
import StreamModel
import StreamProtocols

/// Reads a microphone of this computer on a thread of its own, and hands on what it hears beside the pictures of a camera.
final class Microphone: Sendable {
    /// How long the pictures wait for it: who sees them before its sound is known is disconnected once when that is.
    private static let patience: Duration = .seconds(1)

    private let thread: DedicatedThread
    /// Raised when it is known whether there is sound.
    private let answered = InterruptFlag()

    /// Starts at once, and ends when the flag is raised.
    init(_ address: String, fanout: FrameFanout, monitor: CameraMonitor, interrupt: InterruptFlag) {
        thread = DedicatedThread(name: "microphone") { [answered] in
            MicrophoneLoop(
                address: address, fanout: fanout, monitor: monitor, answered: answered, interrupt: interrupt
            ).run()
        }
    }

    /// Waits until it is known whether it gives sound, but not for long.
    func waitForAnswer() { answered.wait(until: .now + Self.patience) }

    /// Waits until it has been closed.
    func join() { thread.join() }

    /// Opens one and hears a first piece of it.
    static func test(_ address: String, interrupt: InterruptFlag) throws(MediaError) -> AudioSummary {
        let sound = try MicrophoneSound(address, interrupt: interrupt)
        _ = try sound.read()
        return sound.audio
    }
}

/// What a microphone's thread does. Used by that thread alone.
private struct MicrophoneLoop {
    let address: String
    let fanout: FrameFanout
    let monitor: CameraMonitor
    let answered: InterruptFlag
    let interrupt: InterruptFlag

    func run() {
        var backoff = Backoff.camera
        var wasHeard = false
        while !interrupt.isInterrupted {
            do throws(MediaError) {
                try hear {
                    wasHeard = true
                    backoff.succeeded(at: .now)
                }
            } catch {
                guard !interrupt.isInterrupted else { return }
                monitor.missesMicrophone(MicrophoneProblem(of: address, error), error)
                // Silence takes its place where it was heard before.
                if !wasHeard { fanout.opened(with: .none) }
                answered.interrupt()
                interrupt.wait(until: .now + backoff.failed(at: .now))
            }
        }
    }

    private func hear(begun: () -> Void) throws(MediaError) {
        let sound = try MicrophoneSound(address, interrupt: interrupt)
        var frames = try sound.read()
        begun()
        let known = KnownSound(sound.format)
        monitor.hears(known, audio: sound.audio)
        fanout.opened(with: known)
        answered.interrupt()
        var clock = CameraClock(sound: sound.format, sharesClock: false)
        while !interrupt.isInterrupted {
            for frame in frames { deliver(frame, in: sound.format, by: &clock) }
            frames = try sound.read()
        }
    }

    private func deliver(_ frame: SoundFrame, in format: RTPFormat, by clock: inout CameraClock) {
        guard let place = clock.place(frame) else { return }
        fanout.deliver(CameraSound(frame, of: format, at: place))
    }
}
