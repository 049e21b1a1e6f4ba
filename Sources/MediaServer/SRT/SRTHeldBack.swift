import ConnectionLimits
import StreamModel

/// Who has shown something wrong and may not try again yet. The answer to a caller of SRT can't be made to wait, as others are, since all
/// callers share a thread: so the next attempt comes too early instead.
///
/// It holds for one path and the network of one client: a phone with an old key keeps nobody from another input. And it holds nobody back
/// from a path that he has sent to before: where a call comes from can be forged (the cookie of libsrt's handshake has no secret), and
/// a forger, who sees no answer, could keep a phone out.
struct SRTHeldBack {
    /// Networks, and paths that were sent to, remembered at most. The network that may try again first is forgotten for another.
    static let limit = 4096
    /// Paths of one network; with more, it is held back from all.
    static let pathLimit = 16

    private struct Holds {
        var ends: [String: Duration] = [:]
        var endOfAll: Duration = .zero

        var last: Duration { max(ends.values.max() ?? .zero, endOfAll) }
    }

    private var networks: [ClientNetwork?: Holds] = [:]
    private var known: [String: IPAddress] = [:]

    /// Times are of any clock that only goes forward.
    ///
    /// - Parameter address: nil when it is not known.
    mutating func hold(_ address: IPAddress?, at path: String, until end: Duration, now: Duration) {
        let client = address.map { ClientNetwork($0) }
        if networks[client] == nil, networks.count >= Self.limit { makeRoom(now: now) }
        var new = networks[client] ?? Holds()
        new.ends = new.ends.filter { $0.value > now }
        if new.ends[path] != nil || new.ends.count < Self.pathLimit { new.ends[path] = end } else { new.endOfAll = end }
        networks[client] = new
    }

    func holds(_ address: IPAddress?, at path: String, now: Duration) -> Bool {
        if let address, known[path] == address { return false }
        guard let held = networks[address.map { ClientNetwork($0) }] else { return false }
        return max(held.ends[path] ?? .zero, held.endOfAll) > now
    }

    /// Who has shown what is right.
    mutating func know(_ address: IPAddress?, at path: String) {
        if let address, known[path] != nil || known.count < Self.limit { known[path] = address }
    }

    private mutating func makeRoom(now: Duration) {
        networks = networks.filter { $0.value.last > now }
        guard networks.count >= Self.limit, let first = networks.min(by: { $0.value.last < $1.value.last }) else {
            return
        }
        networks[first.key] = nil
    }
}
