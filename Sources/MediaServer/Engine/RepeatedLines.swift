/// Lets each line of the log through once a minute, however often a client makes it come again: a recorder that asks for
/// a missing path every second, or somebody who tries passwords, must not fill a disk.
struct RepeatedLines {
    static let interval: Duration = .seconds(60)
    /// Different lines that are remembered; beyond that, new ones are left out until others are forgotten.
    static let limit = 1024

    private struct Record {
        var written: Duration
        var suppressedCount = 0
    }

    private var records: [String: Record] = [:]

    /// Whether a line is to be written now.
    ///
    /// - Parameter now: the time on any clock that only goes forward.
    /// - Returns: how often it was left out since it was written last; nil when it is left out again.
    mutating func admit(_ line: String, now: Duration) -> Int? {
        if let record = records[line], now - record.written < Self.interval {
            records[line]?.suppressedCount += 1
            return nil
        }
        if records[line] == nil, records.count >= Self.limit {
            records = records.filter { now - $0.value.written < Self.interval }
            guard records.count < Self.limit else { return nil }
        }
        let suppressedCount = records[line]?.suppressedCount ?? 0
        records[line] = Record(written: now)
        return suppressedCount
    }
}
