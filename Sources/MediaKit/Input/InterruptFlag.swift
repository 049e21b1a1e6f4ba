internal import Synchronization

/// Ends blocking media calls from another thread: opens, reads and paced waits throw ``MediaError/Kind/interrupted``.
public final class InterruptFlag: Sendable {
    private let raised = Atomic<Bool>(false)
    private let condition = MonotonicCondition()
    /// What ends the blocking calls that do not wait for the condition.
    private let hooks = Mutex<[Int: @Sendable () -> Void]>([:])

    public init() {}

    /// Ends the current and every later blocking call that was given this flag. Cannot be undone.
    public func interrupt() {
        condition.withLock { raised.store(true, ordering: .releasing) }
        condition.broadcast()
        for hook in hooks.withLock({ Array($0.values) }) { hook() }
    }

    /// Calls `hook` once when interrupted, from the interrupting thread; at once when that has happened already.
    ///
    /// - Returns: what ``removeHook(_:)`` takes. A hook that is being called may still run after its removal.
    func addHook(_ hook: @escaping @Sendable () -> Void) -> Int {
        let number = hooks.withLock { hooks in
            let number = (hooks.keys.max() ?? 0) + 1
            hooks[number] = hook
            return number
        }
        if isInterrupted { hook() }
        return number
    }

    func removeHook(_ number: Int) {
        _ = hooks.withLock { $0.removeValue(forKey: number) }
    }

    public var isInterrupted: Bool { raised.load(ordering: .acquiring) }

    /// Waits until `deadline`; returns true at once when interrupted.
    @discardableResult
    public func wait(until deadline: MonotonicInstant) -> Bool {
        wait(until: deadline) { false }
    }

    /// As above, and ends when `isDone`, which is asked again after each ``wake()``.
    @discardableResult
    func wait(until deadline: MonotonicInstant, isDone: () -> Bool) -> Bool {
        condition.withLock {
            while !isInterrupted, !isDone() {
                guard condition.wait(until: deadline) else { break }
            }
        }
        return isInterrupted
    }

    /// Makes waits ask again. What `isDone` reads must have changed before.
    func wake() {
        // Taken and released, so that a waiter is either before its question or already asleep.
        condition.withLock {}
        condition.broadcast()
    }
}
