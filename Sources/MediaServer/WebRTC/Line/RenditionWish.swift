/// Whether a viewer had better be sent the same in fewer bits, or in more again. A value: it is told how the line is and the time.
struct RenditionWish {
    enum Wish: Equatable {
        case lower, higher
    }

    /// The line has to be too narrow for so long: pictures are left out meanwhile.
    static let patience: Duration = .seconds(5)
    /// Nobody can tell what a line carries beyond what is sent, so more is tried after so long,
    static let firstTrial: Duration = .seconds(20)
    /// and when that was too much, after twice as long, up to this.
    static let longestTrial: Duration = .seconds(320)
    /// A trial has failed when the line is too narrow again within this.
    static let trialLimit: Duration = .seconds(30)

    /// How the line has been since when.
    private var since: (isNarrow: Bool, at: Duration)?
    private var trial = firstTrial
    private var triedAt: Duration?

    /// - Parameters:
    ///   - isNarrow: whether the line carries less than there is.
    ///   - isLowered: whether there is more to be had.
    mutating func look(isNarrow: Bool, isLowered: Bool, at now: Duration) -> Wish? {
        let start = since.flatMap { $0.isNarrow == isNarrow ? $0.at : nil } ?? now
        since = (isNarrow, start)
        guard now - start >= (isNarrow ? Self.patience : trial), isNarrow || isLowered else { return nil }
        // It is said again after as long, should nothing have come of it.
        since = (isNarrow, now)
        guard isNarrow else {
            triedAt = now
            return .higher
        }
        if let triedAt {
            trial = now - triedAt < Self.trialLimit ? min(trial * 2, Self.longestTrial) : Self.firstTrial
        }
        triedAt = nil
        return .lower
    }
}
