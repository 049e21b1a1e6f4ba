import Synchronization

/// Brings something into the state that it is to have, after each change: one pass at a time, and another one when
/// something changed while it ran. So the newest state wins, whatever the order in which changes were told.
final class Reconciler: Sendable {
    private struct State {
        var isDirty = false
        var passes: Task<Void, Never>?
    }

    private let state = Mutex(State())
    private let pass: @Sendable () async -> Void

    /// - Parameter pass: looks at what is wanted now, and makes it so.
    init(pass: @escaping @Sendable () async -> Void) { self.pass = pass }

    /// Something changed: a pass begins soon.
    func wake() {
        state.withLock { state in
            state.isDirty = true
            guard state.passes == nil else { return }
            state.passes = Task { await self.run() }
        }
    }

    /// Waits until everything that was told before is done.
    func settle() async {
        while let passes = state.withLock({ $0.passes }) { await passes.value }
    }

    private func run() async {
        while takeChange() { await pass() }
    }

    /// - Returns: false when there is none, which ends the passes.
    private func takeChange() -> Bool {
        state.withLock { state in
            if !state.isDirty { state.passes = nil }
            defer { state.isDirty = false }
            return state.isDirty
        }
    }
}
