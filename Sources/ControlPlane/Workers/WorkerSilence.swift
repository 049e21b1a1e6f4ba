/// Tells a worker that hangs: it says nothing of a rendition that is wanted, although it reports each of them once a second.
///
/// It counts looks instead of time. After a machine has slept, or this process was held up, one look is due however long
/// that took, and the reports that came meanwhile are read before the next.
struct WorkerSilence: Hashable, Sendable {
    /// Looks in a row without a word that make a worker hang.
    static let lookLimit = 4

    /// Looks since a rendition was heard of, or was wanted first.
    private var looks: [String: Int] = [:]

    /// What is newly wanted has time from now on; what is not wanted any more is not waited for.
    mutating func want(_ renditions: Set<String>) {
        looks = Dictionary(uniqueKeysWithValues: renditions.map { ($0, looks[$0] ?? 0) })
    }

    mutating func heard(of rendition: String) {
        if looks[rendition] != nil { looks[rendition] = 0 }
    }

    /// - Returns: whether the worker hangs. One encoder that does is enough: each reports by itself.
    mutating func look() -> Bool {
        for rendition in looks.keys { looks[rendition, default: 0] += 1 }
        return looks.values.contains { $0 > Self.lookLimit }
    }
}
