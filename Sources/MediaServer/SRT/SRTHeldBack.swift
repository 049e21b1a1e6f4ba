import StreamModel

/// Who has shown something wrong and may not try again yet. The answer to a caller of SRT can't be made to wait, as others are, since all
/// callers share a thread: so the next attempt comes too early instead.
///
/// It holds for one path and one address: a phone with an old key keeps nobody from another input.
struct SRTHeldBack {
    struct Attempt: Hashable {
        /// Nil when it is not known.
        var address: IPAddress?
        var path: String
    }

    /// Attempts remembered at most. When all still hold, further ones are not held back.
    static let limit = 4096

    private var ends: [Attempt: Duration] = [:]

    /// Times are of any clock that only goes forward.
    mutating func hold(_ attempt: Attempt, until end: Duration, now: Duration) {
        if ends[attempt] == nil, ends.count >= Self.limit {
            ends = ends.filter { $0.value > now }
            guard ends.count < Self.limit else { return }
        }
        ends[attempt] = end
    }

    func holds(_ attempt: Attempt, now: Duration) -> Bool { ends[attempt].map { $0 > now } ?? false }
}
