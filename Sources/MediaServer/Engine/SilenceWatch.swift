import EngineContract

/// Notices a publisher that says nothing. Confined to the engine's event loop.
final class SilenceWatch {
    private let core: EngineCore
    private let onSilence: (_ timeout: Duration) -> Void
    private var lastHeard: Duration
    private var timer: LoopTimer?

    /// - Parameter onSilence: called once nothing was heard for as long as the settings say.
    init(_ core: EngineCore, _ onSilence: @escaping (_ timeout: Duration) -> Void) {
        self.core = core
        self.onSilence = onSilence
        lastHeard = core.clock.now
        schedule()
    }

    /// Something has come.
    func heard() { lastHeard = core.clock.now }

    func cancel() { timer?.cancel() }

    private func schedule() {
        let timeout = core.configuration.readTimeout
        timer = core.clock.schedule(after: max(lastHeard + timeout - core.clock.now, .zero)) { [weak self] in
            guard let self else { return }
            if core.clock.now - lastHeard >= timeout { onSilence(timeout) } else { schedule() }
        }
    }
}
