internal import Synchronization

/// Ends blocking media calls from another thread: opens, reads and paced waits return ``MediaError/Kind/interrupted``.
public final class InterruptFlag: Sendable {
    private let raised = Atomic<Bool>(false)
    private let condition = MonotonicCondition()

    public init() {}

    /// Ends the current and every later blocking call that was given this flag. Cannot be undone.
    public func interrupt() {
        condition.withLock { raised.store(true, ordering: .releasing) }
        condition.broadcast()
    }

    public var isInterrupted: Bool { raised.load(ordering: .acquiring) }

    /// Waits until `deadline`; returns true at once when interrupted.
    @discardableResult
    public func wait(until deadline: MonotonicInstant) -> Bool {
        condition.withLock {
            while !isInterrupted {
                guard condition.wait(until: deadline) else { break }
            }
        }
        return isInterrupted
    }
}
