/// How long to wait before the next attempt: a delay that doubles with each failure, up to a maximum, and starts over
/// after a success that lasted.
struct Backoff: Sendable, Equatable {
    let initialDelay: Duration
    let maximumDelay: Duration
    /// A success must have lasted so long to be forgotten about; nil means that any success is enough.
    let resetAfter: Duration?

    private var nextDelay: Duration
    private var healthySince: ContinuousClock.Instant?

    init(initialDelay: Duration, maximumDelay: Duration, resetAfter: Duration? = nil) {
        self.initialDelay = initialDelay
        self.maximumDelay = maximumDelay
        self.resetAfter = resetAfter
        nextDelay = initialDelay
    }

    /// A lost camera: 0.5 s doubling to 10 s, from the beginning again after 30 s of pictures.
    static let camera = Backoff(
        initialDelay: .milliseconds(500), maximumDelay: .seconds(10), resetAfter: .seconds(30))
    /// A camera that refused user and password: six attempts in half an hour, because cameras lock an account for so long
    /// after as few as five to seven. Settings that change are tried at once.
    static let refusedAccount = Backoff(
        initialDelay: .seconds(60), maximumDelay: .seconds(900), resetAfter: .seconds(30))
    /// An input that no program sends to: it is asked for on this machine, which spares nobody.
    static let input = Backoff(
        initialDelay: .milliseconds(500), maximumDelay: .seconds(1), resetAfter: .seconds(30))
    /// A lost engine: it is restarted within a second, so ask often at first.
    static let engine = Backoff(
        initialDelay: .milliseconds(100), maximumDelay: .seconds(2), resetAfter: .seconds(2))
    /// An encoder that failed (contract B.4).
    static let encoder = Backoff(
        initialDelay: .milliseconds(600), maximumDelay: .seconds(12), resetAfter: .seconds(30))

    /// A destination: services count attempts, and may lock out who makes too many.
    static let destination = Backoff(
        initialDelay: .seconds(1), maximumDelay: .seconds(60), resetAfter: .seconds(30))

    /// The attempt has succeeded; failures after `resetAfter` from now start over.
    mutating func succeeded(at now: ContinuousClock.Instant) {
        if healthySince == nil { healthySince = now }
    }

    /// The attempt has failed, or what had succeeded broke: returns how long to wait before the next.
    mutating func failed(at now: ContinuousClock.Instant) -> Duration {
        if let healthySince, healthySince.duration(to: now) >= resetAfter ?? .zero { nextDelay = initialDelay }
        healthySince = nil
        defer { nextDelay = min(nextDelay * 2, maximumDelay) }
        return nextDelay
    }

    /// What had succeeded is done anew, because it has to: returns how long to wait before that, which is nothing for what lasted.
    mutating func renewed(at now: ContinuousClock.Instant) -> Duration {
        let hasLasted = healthySince.map { $0.duration(to: now) >= resetAfter ?? .zero } ?? false
        let delay = failed(at: now)
        return hasLasted ? .zero : delay
    }
}
