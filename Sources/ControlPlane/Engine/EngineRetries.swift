/// When an engine that failed is started again, and how often that was.
struct EngineRetries: Sendable {
    /// Failures since the server was started.
    private(set) var count = 0
    /// When the next start is due; nil for at once.
    private(set) var nextAt: ContinuousClock.Instant?
    private var backoff = EngineBackoff()
    /// What the settings asked for at the last start.
    private var triedWish: EngineWish?
    /// The last failure was a port that somebody took.
    private var triedOtherPorts = false

    /// A start begins. Another engine than the last does not wait because of what that one did.
    ///
    /// - Returns: how long it has to wait; nil when it may begin.
    mutating func pause(before wish: EngineWish, at now: ContinuousClock.Instant) -> Duration? {
        if let triedWish, triedWish != wish { forget() }
        if let nextAt, now < nextAt { return now.duration(to: nextAt) }
        nextAt = nil
        return nil
    }

    mutating func starts(_ wish: EngineWish) { triedWish = wish }

    /// - Parameters:
    ///   - readyFor: how long it had been ready; nil when it never was.
    ///   - portWasTaken: it gets another one at once (contract B.5), but only once.
    /// - Returns: the pause before the next start.
    mutating func recordFailure(
        at now: ContinuousClock.Instant, readyFor: Duration?, portWasTaken: Bool
    ) -> Duration {
        count += 1
        let isAtOnce = portWasTaken && !triedOtherPorts
        triedOtherPorts = isAtOnce
        let pause = isAtOnce ? .zero : backoff.recordFailure(at: now, readyFor: readyFor)
        nextAt = now + pause
        return pause
    }

    /// The next start does not wait.
    mutating func forget() {
        backoff.reset()
        nextAt = nil
    }
}
