/// A first-in first-out queue that drops its oldest elements rather than grow or make the giver wait.
public final class BoundedQueue<T: Sendable>: Sendable {
    /// How a wait ended.
    public enum Step: Sendable {
        case element(T)
        case timedOut
        case closed
    }

    private struct State {
        var elements: [T?]
        var head = 0
        var count = 0
        var isClosed = false
        var dropped: UInt64 = 0
    }

    public let capacity: Int
    private let condition = MonotonicCondition()
    // Read and written only inside `condition.withLock`.
    private nonisolated(unsafe) var state: State

    /// `capacity` below one counts as one.
    public init(capacity: Int) {
        self.capacity = max(capacity, 1)
        unsafe state = State(elements: Array(repeating: nil, count: max(capacity, 1)))
    }

    /// Appends; returns the oldest element when it had to make room, or `element` itself when the queue is closed.
    @discardableResult
    public func push(_ element: T) -> T? {
        let rejected: T? = condition.withLock {
            guard unsafe !state.isClosed else { return element }
            var oldest: T?
            if unsafe state.count == capacity {
                oldest = removeFirst()
                unsafe state.dropped += 1
            }
            unsafe state.elements[(state.head + state.count) % capacity] = element
            unsafe state.count += 1
            return oldest
        }
        condition.signal()
        return rejected
    }

    /// Takes the oldest element if there is one, without waiting.
    public func pop() -> T? {
        condition.withLock { removeFirst() }
    }

    /// Takes the newest element if there is one, without waiting; those before it count as dropped.
    public func popNewest() -> T? {
        // Released outside of the lock.
        var older: [T] = []
        return condition.withLock {
            var newest = removeFirst()
            while let next = removeFirst() {
                if let newest { older.append(newest) }
                newest = next
                unsafe state.dropped += 1
            }
            return newest
        }
    }

    /// Takes the oldest element, waiting for one until `deadline`. Elements pushed before ``close()`` are still handed out.
    public func wait(until deadline: MonotonicInstant) -> Step {
        condition.withLock {
            while true {
                if let element = removeFirst() { return .element(element) }
                if unsafe state.isClosed { return .closed }
                guard condition.wait(until: deadline) else {
                    if let element = removeFirst() { return .element(element) }
                    return unsafe state.isClosed ? .closed : .timedOut
                }
            }
        }
    }

    /// Drops what is queued, which counts as dropped; returns how many.
    @discardableResult
    public func removeAll() -> Int {
        let removed: [T] = condition.withLock {
            var removed: [T] = []
            while let element = removeFirst() { removed.append(element) }
            unsafe state.dropped += UInt64(removed.count)
            return removed
        }
        return removed.count
    }

    /// Ends every wait once the queue is empty. Idempotent.
    public func close() {
        condition.withLock { unsafe state.isClosed = true }
        condition.broadcast()
    }

    public var count: Int { condition.withLock { unsafe state.count } }
    public var isClosed: Bool { condition.withLock { unsafe state.isClosed } }
    /// Elements that were pushed out by newer ones or removed unread.
    public var droppedCount: UInt64 { condition.withLock { unsafe state.dropped } }

    /// Call inside `condition.withLock`.
    private func removeFirst() -> T? {
        guard unsafe state.count > 0 else { return nil }
        let element = unsafe state.elements[state.head].take()
        unsafe state.head = unsafe (state.head + 1) % capacity
        unsafe state.count -= 1
        return element
    }
}
