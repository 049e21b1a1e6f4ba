import StreamModel

/// Decides which of several writers a transmission shows (reference: "Multi-writer arbitration").
///
/// A writer is eligible while it is open and its last frame is fresh. The chosen one stays for a short sticky time as
/// long as it is eligible, so that two equal writers alternate at most twice a second; one that closes or goes stale is
/// replaced at once.
struct WriterArbiter: Sendable {
    typealias Instant = ContinuousClock.Instant

    /// A frame older than this is no picture of now.
    static let freshness: Duration = .seconds(2)
    static let stickiness: Duration = .milliseconds(500)
    /// The same for a writer that keeps frames back. Not at once: of several motion gates that feed one, another
    /// may pass frames all the while.
    static let freshnessAtRest: Duration = stickiness
    /// A writer that has not been heard of for so long is forgotten.
    static let evictionAge: Duration = .seconds(30)
    static let writerLimit = 32

    private struct Writer {
        var priority: Int
        var isOpen: Bool
        var lastFrame: Instant?
        var updated: Instant
        /// When it last said that it keeps frames back, and why; nil since its last frame.
        var rested: (at: Instant, reason: RestReason)?

        func isEligible(at now: Instant) -> Bool {
            guard isOpen, let lastFrame else { return false }
            let freshness = rested == nil ? WriterArbiter.freshness : WriterArbiter.freshnessAtRest
            return lastFrame.duration(to: now) < freshness
        }
    }

    /// A change takes effect at the next selection after the sticky time.
    var mode: Arbitration
    /// The writer that is shown as of the last ``select(at:)``.
    private(set) var selected: String?
    private var writers: [String: Writer] = [:]
    private var stickyUntil: Instant?

    init(mode: Arbitration) { self.mode = mode }

    /// The writers that are known, open or not.
    var writerIDs: Set<String> { Set(writers.keys) }

    /// A writer begins, without a frame yet.
    ///
    /// - Returns: the writer that was evicted to make room, if one was.
    mutating func open(_ id: String, priority: Int, at now: Instant) -> String? {
        let evicted = makeRoom(for: id)
        writers[id] = Writer(priority: priority, isOpen: true, lastFrame: writers[id]?.lastFrame, updated: now)
        return evicted
    }

    /// A writer has a new frame; one that was not open is opened.
    ///
    /// - Returns: the writer that was evicted to make room, if one was.
    mutating func update(_ id: String, priority: Int, at now: Instant) -> String? {
        let evicted = makeRoom(for: id)
        writers[id] = Writer(priority: priority, isOpen: true, lastFrame: now, updated: now)
        return evicted
    }

    /// A writer has a new frame that it keeps back; one that was not open is opened.
    ///
    /// - Returns: the writer that was evicted to make room, if one was.
    mutating func rest(_ id: String, because reason: RestReason, priority: Int, at now: Instant) -> String? {
        let evicted = makeRoom(for: id)
        writers[id] = Writer(
            priority: priority, isOpen: true, lastFrame: writers[id]?.lastFrame, updated: now,
            rested: (now, reason))
        return evicted
    }

    /// Why a writer that has pictures keeps them back; of several reasons, the one that asks most of whoever reads it. Nil where none
    /// does.
    func restReason(at now: Instant) -> RestReason? {
        writers.values.lazy.filter(\.isOpen).compactMap(\.rested).filter { $0.at.duration(to: now) < Self.freshness }
            .map(\.reason).max()
    }

    /// A writer has ended: it is no longer eligible.
    mutating func close(_ id: String, at now: Instant) {
        writers[id]?.isOpen = false
        writers[id]?.updated = now
    }

    /// Forgets writers that have not been heard of for ``evictionAge``, and returns their ids.
    mutating func evictStale(at now: Instant) -> [String] {
        let stale = writers.filter { $0.value.updated.duration(to: now) >= Self.evictionAge }.map(\.key)
        for id in stale { remove(id) }
        return stale
    }

    /// The writer to show from now on; nil when none is eligible.
    mutating func select(at now: Instant) -> String? {
        if let selected, let stickyUntil, now < stickyUntil, writers[selected]?.isEligible(at: now) == true {
            return selected
        }
        let best = writers.lazy.filter { $0.value.isEligible(at: now) }.max { isBetter($1, than: $0) }?.key
        selected = best
        stickyUntil = best == nil ? nil : now + Self.stickiness
        return best
    }

    /// A writer beyond the limit takes the place of the one that has not been heard of for longest.
    private mutating func makeRoom(for id: String) -> String? {
        guard writers[id] == nil, writers.count >= Self.writerLimit else { return nil }
        let oldest = writers.min { ($0.value.updated, $0.key) < ($1.value.updated, $1.key) }?.key
        if let oldest { remove(oldest) }
        return oldest
    }

    private mutating func remove(_ id: String) {
        writers[id] = nil
        if selected == id {
            selected = nil
            stickyUntil = nil
        }
    }

    private func isBetter(_ a: (key: String, value: Writer), than b: (key: String, value: Writer)) -> Bool {
        // Only eligible writers are compared, and those have a frame.
        guard let aFrame = a.value.lastFrame, let bFrame = b.value.lastFrame else { return a.value.lastFrame != nil }
        return switch mode {
        case .latest:
            (aFrame, a.value.priority, a.value.updated, a.key) > (bFrame, b.value.priority, b.value.updated, b.key)
        case .priorityLatest:
            (a.value.priority, aFrame, a.value.updated, a.key) > (b.value.priority, bFrame, b.value.updated, b.key)
        }
    }
}
