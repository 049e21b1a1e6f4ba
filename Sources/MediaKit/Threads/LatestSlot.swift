/// A mailbox that holds the newest value only: a slow taker never slows the giver, and always gets the latest.
public final class LatestSlot<T: Sendable>: Sendable {
    /// How a wait ended.
    public enum Step: Sendable {
        case value(T)
        case timedOut
        case closed
    }

    private struct State {
        var value: T?
        var isClosed = false
        var dropped: UInt64 = 0
    }

    private let condition = MonotonicCondition()
    // Read and written only inside `condition.withLock`.
    private nonisolated(unsafe) var state = State()

    public init() {}

    /// Replaces the value that nobody took, which then counts as dropped. Ignored after ``close()``.
    public func put(_ value: T) {
        // The replaced value is released outside the lock: freeing a frame takes time.
        let replaced: T? = condition.withLock {
            guard !state.isClosed else { return value }
            let old = state.value
            if old != nil { state.dropped += 1 }
            state.value = value
            return old
        }
        condition.signal()
        withExtendedLifetime(replaced) {}
    }

    /// Takes the value if there is one, without waiting.
    public func take() -> T? {
        condition.withLock { state.value.take() }
    }

    /// Takes the value, waiting for one until `deadline`. A value put before ``close()`` is still handed out.
    public func wait(until deadline: MonotonicInstant) -> Step {
        condition.withLock {
            while true {
                if let value = state.value.take() { return .value(value) }
                if state.isClosed { return .closed }
                guard condition.wait(until: deadline) else {
                    if let value = state.value.take() { return .value(value) }
                    return state.isClosed ? .closed : .timedOut
                }
            }
        }
    }

    /// Ends every wait, now and later. Idempotent.
    public func close() {
        condition.withLock { state.isClosed = true }
        condition.broadcast()
    }

    public var isClosed: Bool { condition.withLock { state.isClosed } }

    /// Values replaced before anybody took them.
    public var droppedCount: UInt64 { condition.withLock { state.dropped } }
}
