/// The least of what was seen lately: in the last `window`, and at most half of it longer.
struct RecentMinimum: Equatable {
    private let half: Duration
    private var begin: Duration?
    private var current: Duration?
    private var former: Duration?

    init(window: Duration) { half = window / 2 }

    /// nil before the first.
    var value: Duration? { [current, former].compactMap { $0 }.min() }

    mutating func add(_ value: Duration, at now: Duration) {
        if let begin, now - begin >= half {
            former = now - begin < half * 2 ? current : nil
            current = nil
            self.begin = now
        } else if begin == nil {
            begin = now
        }
        current = min(current ?? value, value)
    }
}
