import Foundation

/// What the wall clock and the monotonic clock show at one moment. A thread that loses its core between the two readings would
/// tie them to each other by milliseconds wrong, so that the closest of a few is taken.
struct ClockReading: Sendable, Equatable {
    /// Since the Unix epoch.
    var wallTime: Duration
    var instant: ContinuousClock.Instant

    /// One reading of the wall clock between two of the other.
    struct Attempt: Sendable {
        var before: ContinuousClock.Instant
        var wallTime: Duration
        var after: ContinuousClock.Instant

        var uncertainty: Duration { before.duration(to: after) }
    }

    /// Good enough at once: far below what anybody sees or hears.
    static let tolerance: Duration = .microseconds(100)
    private static let attemptLimit = 4

    static func now() -> ClockReading {
        closest { Attempt(before: .now, wallTime: .seconds(Date().timeIntervalSince1970), after: .now) }
    }

    /// - Parameter attempt: reads both clocks.
    static func closest(of attempt: () -> Attempt) -> ClockReading {
        var best = attempt()
        for _ in 1..<attemptLimit where best.uncertainty > tolerance {
            let next = attempt()
            if next.uncertainty < best.uncertainty { best = next }
        }
        return ClockReading(wallTime: best.wallTime, instant: best.before + best.uncertainty / 2)
    }
}
