import ConnectionLimits
import StreamModel

/// Slows down clients that guess passwords: each failure of an address delays the answer to it, longer every time, and is
/// forgotten when the address has been quiet for a while. Success is never delayed.
struct LoginThrottle {
    static let firstDelay: Duration = .milliseconds(500)
    static let longestDelay: Duration = .seconds(4)
    static let memory: Duration = .seconds(60)
    /// Addresses remembered at most. When all are in use, the one that has been quiet for longest is forgotten.
    static let addressLimit = 4096

    private struct Record {
        var failures: Int
        var last: Duration
    }

    private var records: [IPAddress: Record] = [:]

    var addressCount: Int { records.count }

    /// Notes a failed login.
    ///
    /// - Parameter now: the time on any clock that only goes forward.
    /// - Returns: how long the answer has to wait.
    mutating func failure(of address: IPAddress, now: Duration) -> Duration {
        var record = records[address] ?? Record(failures: 0, last: now)
        if now - record.last > Self.memory { record.failures = 0 }
        record.failures += 1
        record.last = now
        if records[address] == nil, records.count >= Self.addressLimit { makeRoom(now: now) }
        records[address] = record
        // 2³ half seconds is the limit already, so the shift stays small.
        return min(Self.firstDelay * (1 << min(record.failures - 1, 8)), Self.longestDelay)
    }

    private mutating func makeRoom(now: Duration) {
        records = records.filter { now - $0.value.last <= Self.memory }
        guard records.count >= Self.addressLimit else { return }
        if let oldest = records.min(by: { $0.value.last < $1.value.last })?.key { records[oldest] = nil }
    }
}
