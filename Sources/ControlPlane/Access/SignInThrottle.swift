import ConnectionLimits
import StreamModel

/// Slows down who guesses passwords: after some failures an address has to wait before its next try counts, longer each
/// time, and so has everybody when failures come from many addresses. Of IPv6 a /64 counts as one address: whoever has one of
/// it has all.
///
/// A try that comes too early is refused without looking at the password, so guessing in parallel gains nothing.
struct SignInThrottle {
    /// Failures that cost nothing: people mistype.
    static let freeFailures = 5
    /// The same for all addresses together.
    static let freeFailuresInAll = 50
    static let firstDelay: Duration = .seconds(1)
    static let longestDelay: Duration = .seconds(60)
    /// How long a failure is remembered.
    static let memory: Duration = .seconds(900)
    /// Addresses remembered at most.
    static let addressLimit = 4096

    private struct Record {
        var failures = 0
        var last: Duration = .zero
    }

    /// Who counts as one.
    enum Client: Hashable {
        case network(ClientNetwork)
        /// A request that comes from no IP address.
        case other(String)

        init(_ address: String) {
            self = IPAddress(address).map { .network(ClientNetwork($0)) } ?? .other(address)
        }

        /// Whether it is this machine.
        var isLoopback: Bool { if case .network(let network) = self { network.isLoopback } else { false } }
    }

    private var records: [Client: Record] = [:]
    private var all = Record()

    /// How long an address has to wait before it may try; zero when it may.
    ///
    /// - Parameters:
    ///   - isKnown: whether somebody has signed in from there before. What others do does not delay it, or a guesser could
    ///     shut out everybody by going on.
    ///   - now: the time on any clock that only goes forward.
    func delay(of address: String, isKnown: Bool = false, now: Duration) -> Duration {
        let own = Self.delay(records[Client(address)] ?? Record(), free: Self.freeFailures, now: now)
        return isKnown ? own : max(own, Self.delay(all, free: Self.freeFailuresInAll, now: now))
    }

    private static func delay(_ record: Record, free: Int, now: Duration) -> Duration {
        guard record.failures >= free, now - record.last < memory else { return .zero }
        let whole = min(firstDelay * (1 << min(record.failures - free, 10)), longestDelay)
        return max(whole - (now - record.last), .zero)
    }

    mutating func failed(_ address: String, now: Duration) {
        let client = Client(address)
        if records[client] == nil, records.count >= Self.addressLimit { makeRoom(now: now) }
        records[client] = Self.next(records[client] ?? Record(), now: now)
        all = Self.next(all, now: now)
    }

    /// A right password makes an address trusted again; that others guess is not forgotten by it.
    /// - Parameter wasCountedAsFailure: whether this try was counted before it was known to be right.
    mutating func succeeded(_ address: String, wasCountedAsFailure: Bool = false) {
        records[Client(address)] = nil
        if wasCountedAsFailure { all.failures = max(all.failures - 1, 0) }
    }

    private static func next(_ record: Record, now: Duration) -> Record {
        let failures = now - record.last < memory ? record.failures : 0
        return Record(failures: min(failures + 1, 1000), last: now)
    }

    private mutating func makeRoom(now: Duration) {
        records = records.filter { now - $0.value.last < Self.memory }
        guard records.count >= Self.addressLimit else { return }
        if let oldest = records.min(by: { $0.value.last < $1.value.last })?.key { records[oldest] = nil }
    }
}
