/// Remembers how far apart pictures came lately, and so how long the next one may take before it counts as late.
///
/// The gaps hold the camera's own rate and the jitter of the network alike. The largest one of the last five to ten seconds counts,
/// with a quarter on top.
struct ArrivalGaps: Sendable, Equatable {
    typealias Instant = ContinuousClock.Instant

    /// Gaps are compared over one to two of these.
    static let window: Duration = .seconds(5)
    /// A longer gap is no jitter. It is also what is expected of a source that is not known yet.
    static let longestPatience: Duration = .milliseconds(500)

    private var last: Instant?
    private var windowStart: Instant?
    private var largest: Duration = .zero
    private var largestBefore = Self.longestPatience

    /// How long after a picture the next one is not late.
    var patience: Duration { min(max(largest, largestBefore) * 5 / 4, Self.longestPatience) }

    mutating func pictureArrived(at now: Instant) {
        defer { last = now }
        guard let last, let windowStart else {
            windowStart = now
            return
        }
        if windowStart.duration(to: now) >= Self.window {
            largestBefore = largest
            largest = .zero
            self.windowStart = now
        }
        largest = max(largest, last.duration(to: now))
    }
}
