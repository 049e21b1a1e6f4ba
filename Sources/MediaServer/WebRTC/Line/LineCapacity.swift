/// What the line to one viewer carries, as far as that can be told from what the viewer reports. A value without a clock: it is
/// told what happens.
///
/// While everything arrives in time nothing is known but that the line carries what is sent. Signs of less are a queue that stands
/// before it, packets that get lost by the fifth, and the viewer's own estimate; then it is what arrived at that time, and grows
/// until it is more than enough.
struct LineCapacity: Equatable {
    /// The longest that even the fastest packet may wait before the line. Jitter, however large, leaves some packets fast.
    static let queueLimit: Duration = .milliseconds(250)
    /// A viewer whose machine is busy for a moment has no bad line.
    static let patience: Duration = .milliseconds(750)
    /// Radio loses a tenth, and sending less does not help it.
    static let lossLimit = 0.2
    /// Nothing is changed again before the last change can have shown an effect.
    static let settling: Duration = .seconds(1)
    /// What is still sent on any line: a picture now and then.
    static let least: Double = 64_000
    private static let growthPerSecond = 1.08
    /// So much more than what would be sent is enough for its ups and downs.
    private static let ample = 1.5

    /// Bits that may be sent per second; nil while the line carries everything.
    private(set) var bitsPerSecond: Double?
    /// How long even the fastest packet waits before the line; nil while nobody says when packets come.
    private(set) var queue: Duration?
    /// The viewer's own estimate.
    private(set) var receiverEstimate: Int?

    private var base = RecentMinimum(window: .seconds(20))
    private var recent = RecentMinimum(window: .milliseconds(600))
    private var queueSince: Duration?
    private var isLosing = false
    private var isEstimatedLow = false
    private var loweredAt: Duration?
    private var grownAt: Duration?

    /// Packets have arrived.
    ///
    /// - Parameters:
    ///   - leastDelay: of one of them, with any constant.
    ///   - rate: bits per second that arrive now.
    /// - Returns: whether the line was found to carry less than was thought.
    mutating func arrived(leastDelay: Duration, rate: Int, at now: Duration) -> Bool {
        base.add(leastDelay, at: now)
        recent.add(leastDelay, at: now)
        guard let least = base.value, let current = recent.value else { return false }
        let waiting = current - least
        queue = waiting
        guard waiting > Self.queueLimit else {
            queueSince = nil
            return false
        }
        let since = queueSince ?? now
        queueSince = since
        guard now - since >= Self.patience else { return false }
        return lower(to: 0.85 * Double(rate), at: now)
    }

    /// The viewer says what part of the packets of the last second or more got lost.
    mutating func lost(fraction: Double, sentRate: Int, at now: Duration) -> Bool {
        defer { isLosing = fraction > Self.lossLimit }
        // Twice: a single burst is no bad line.
        guard fraction > Self.lossLimit, isLosing else { return false }
        return lower(to: 0.9 * (1 - fraction) * Double(sentRate), at: now)
    }

    /// The viewer says what it believes that the line carries.
    mutating func estimated(_ estimate: Int, sentRate: Int, at now: Duration) -> Bool {
        receiverEstimate = estimate
        // It follows what comes, and lags behind while that grows.
        let isLow = Double(estimate) < 0.8 * Double(sentRate)
        defer { isEstimatedLow = isLow }
        guard isLow, isEstimatedLow else { return false }
        return lower(to: Double(estimate), at: now)
    }

    private mutating func lower(to rate: Double, at now: Duration) -> Bool {
        if let loweredAt, now - loweredAt < Self.settling { return false }
        // Where little is sent, little arrives: that says nothing of the line.
        let floor = max(Self.least, (bitsPerSecond ?? 0) / 2)
        let next = max(rate, floor)
        guard next < bitsPerSecond ?? .infinity else { return false }
        bitsPerSecond = next
        loweredAt = now
        grownAt = now
        return true
    }

    /// Time goes by, and so much would be sent per second if the line were good.
    mutating func grow(wanted: Int, at now: Duration) {
        guard let limit = bitsPerSecond, let since = grownAt, now > since else { return }
        grownAt = now
        guard queueSince == nil, !isLosing, !isEstimatedLow else { return }
        let grown = limit * (1 + (Self.growthPerSecond - 1) * min((now - since) / .seconds(1), 1))
        bitsPerSecond = grown < Self.ample * Double(wanted) ? grown : nil
    }
}
