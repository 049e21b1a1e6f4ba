/// Turns timestamps into due times: the first is due at once, each later one as much later as it is stamped.
struct Pacer {
    /// Behind by more than this (the machine slept, a playlist stalled), pacing starts over instead of rushing through the rest.
    static let tolerance: Duration = .seconds(1)
    /// A timestamp further ahead than this of the one before is a break in the source, not a pause.
    static let longestPause: Duration = .seconds(10)

    private var anchor: (instant: MonotonicInstant, time: Duration)?
    private var last: Duration?

    mutating func due(_ time: Duration, now: MonotonicInstant) -> MonotonicInstant {
        guard let anchor, let last, time - last < Pacer.longestPause, last - time < Pacer.longestPause else {
            return restart(time, now: now)
        }
        let due = anchor.instant + (time - anchor.time)
        if now - due > Pacer.tolerance { return restart(time, now: now) }
        self.last = time
        return due
    }

    private mutating func restart(_ time: Duration, now: MonotonicInstant) -> MonotonicInstant {
        anchor = (now, time)
        last = time
        return now
    }
}
