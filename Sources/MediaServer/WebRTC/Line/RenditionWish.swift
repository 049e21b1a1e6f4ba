/// Whether a viewer had better be sent the same in fewer bits, or in more again. A value: it is told how the line is and the time.
struct RenditionWish {
    enum Wish: Equatable {
        case lower, higher
    }

    /// The line has to be too narrow for so long: pictures are left out meanwhile.
    static let patience: Duration = .seconds(5)
    /// One that is nearly wide enough seems so for a moment each time that more was tried: that much does not make it good.
    static let relief: Duration = .seconds(3)
    /// Nobody can tell what a line carries beyond what is sent, so more is tried after so long,
    static let firstTrial: Duration = .seconds(20)
    /// and when that was too much, after twice as long, up to this.
    static let longestTrial: Duration = .seconds(320)
    /// A trial has failed when fewer are wished for again within this.
    static let trialLimit: Duration = .seconds(120)
    /// Just after it has begun, so little is enough to tell.
    static let trialPatience: Duration = .seconds(1)
    private static let trialBeginning: Duration = .seconds(20)

    /// Since when the line has been too narrow, but for moments.
    private var narrowSince: Duration?
    private var goodSince: Duration?
    private var trial = firstTrial
    private var triedAt: Duration?

    /// - Parameters:
    ///   - isNarrow: whether the line carries less than there is.
    ///   - isLowered: whether there is more to be had.
    mutating func look(isNarrow: Bool, isLowered: Bool, at now: Duration) -> Wish? {
        isNarrow ? lookAtNarrow(at: now) : lookAtGood(isLowered: isLowered, at: now)
    }

    private mutating func lookAtNarrow(at now: Duration) -> Wish? {
        goodSince = nil
        let since = narrowSince ?? now
        narrowSince = since
        let sinceTrial = triedAt.map { now - $0 }
        let isBeginning = sinceTrial.map { $0 < Self.trialBeginning } ?? false
        guard now - since >= (isBeginning ? Self.trialPatience : Self.patience) else { return nil }
        // It is said again after as long, should nothing have come of it.
        narrowSince = now
        if let sinceTrial { trial = sinceTrial < Self.trialLimit ? min(trial * 2, Self.longestTrial) : Self.firstTrial }
        triedAt = nil
        return .lower
    }

    private mutating func lookAtGood(isLowered: Bool, at now: Duration) -> Wish? {
        let since = goodSince ?? now
        goodSince = since
        if now - since >= Self.relief { narrowSince = nil }
        guard isLowered, now - since >= trial else { return nil }
        goodSince = now
        triedAt = now
        return .higher
    }
}
