import Synchronization

/// Measures on the monotonic clock across closures.
final class Stopwatch: Sendable {
    private let start = Mutex(ContinuousClock.now)

    func mark() { start.withLock { $0 = ContinuousClock.now } }

    var elapsed: Duration { ContinuousClock.now - start.withLock { $0 } }
}
