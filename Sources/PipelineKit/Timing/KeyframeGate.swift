/// Collects requests for a keyframe and grants them no closer than a quarter of a second: many viewers that arrive at
/// once get one keyframe.
struct KeyframeGate: Sendable, Equatable {
    static let debounce: Duration = .milliseconds(250)

    private var isRequested = false
    private var lastKeyframe: ContinuousClock.Instant?

    mutating func request() { isRequested = true }

    /// Whether the frame that is encoded now has to be a keyframe.
    func isDue(at now: ContinuousClock.Instant) -> Bool {
        guard isRequested else { return false }
        guard let lastKeyframe else { return true }
        return lastKeyframe.duration(to: now) >= Self.debounce
    }

    /// A keyframe was made, for whatever reason.
    mutating func keyframeMade(at now: ContinuousClock.Instant) {
        isRequested = false
        lastKeyframe = now
    }
}
