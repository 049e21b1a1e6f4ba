import Synchronization

/// A wall clock that a test moves.
final class WallClock: Sendable {
    private let time = Mutex(1_000_000.0)

    /// Seconds since 1970.
    var now: Double { time.withLock { $0 } }
    func advance(by seconds: Double) { time.withLock { $0 += seconds } }
}
