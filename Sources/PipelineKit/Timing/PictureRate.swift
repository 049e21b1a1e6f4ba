/// Measures how many pictures a second there are, by their timestamps: two seconds at a time.
struct PictureRate: Sendable, Equatable {
    typealias Instant = ContinuousClock.Instant

    static let window: Duration = .seconds(2)
    /// A longer pause belongs to no rate.
    static let longestStep: Duration = .seconds(1)
    /// The part by which two windows may differ and still tell of one rate.
    static let agreement = 0.1

    /// What the last two windows agree on; nil until there were two.
    private(set) var framesPerSecond: Double?
    private var before: Double?
    private var first: Instant?
    private var last: Instant?
    private var steps = 0

    mutating func note(_ instant: Instant) {
        defer { last = instant }
        guard let first, let last, last.duration(to: instant) <= Self.longestStep else {
            self = PictureRate()
            first = instant
            return
        }
        steps += 1
        let span = first.duration(to: instant)
        guard span >= Self.window else { return }
        let rate = Double(steps) / (span / .seconds(1))
        if let before, abs(rate - before) <= before * Self.agreement { framesPerSecond = rate }
        before = rate
        steps = 0
        self.first = instant
    }
}
