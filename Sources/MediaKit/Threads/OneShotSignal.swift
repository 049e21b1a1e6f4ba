/// Something that happens once and that threads and tasks can wait for.
final class OneShotSignal: Sendable {
    private struct State {
        var isRaised = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let condition = MonotonicCondition()
    // Read and written only inside `condition.withLock`.
    private nonisolated(unsafe) var state = State()

    func raise() {
        let waiters = condition.withLock {
            unsafe state.isRaised = true
            defer { unsafe state.waiters = [] }
            return unsafe state.waiters
        }
        condition.broadcast()
        for waiter in waiters { waiter.resume() }
    }

    var isRaised: Bool { condition.withLock { unsafe state.isRaised } }

    /// Blocks the calling thread.
    func wait() {
        condition.withLock {
            while unsafe !state.isRaised { condition.wait() }
        }
    }

    func completion() async {
        await withCheckedContinuation { continuation in
            let isRaised = condition.withLock {
                if unsafe !state.isRaised { unsafe state.waiters.append(continuation) }
                return unsafe state.isRaised
            }
            if isRaised { continuation.resume() }
        }
    }
}
