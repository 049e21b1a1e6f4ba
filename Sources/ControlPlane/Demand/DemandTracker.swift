/// Which engine paths are wanted: a state machine without clock or sockets.
///
/// A path is wanted while the engine holds a reader for it (its hook runs), while the engine lists readers of it, and
/// while it is primed or leased; and for a short while after the last of these, so that a player that reconnects finds it running.
struct DemandTracker: Sendable {
    typealias Instant = ContinuousClock.Instant

    private struct Path: Sendable {
        var hooks: Set<Int> = []
        var readers = 0
        var primedUntil: Instant?
        var leasedUntil: [DemandLease: Instant] = [:]
        /// When the last demand ended; nil while there is some.
        var drainsUntil: Instant?

        var isDemanded: Bool { !hooks.isEmpty || readers > 0 || primedUntil != nil || !leasedUntil.isEmpty }

        /// When some of the demand runs out next, or the drain does.
        var nextDeadline: Instant? {
            isDemanded ? leasedUntil.values.reduce(primedUntil) { min($0 ?? $1, $1) } : drainsUntil
        }
    }

    private var paths: [String: Path] = [:]
    private var pathOfHook: [Int: String] = [:]

    /// How long a path stays wanted after the last demand.
    static let drain: Duration = .seconds(3)
    /// The engine itself waits so long before it ends a hook, so that much of the drain has passed by then.
    static let hookDrain: Duration = drain - EngineConfigurationBuilder.hookCloseAfter
    static let primeDuration: Duration = .seconds(60)
    static let primeRange: ClosedRange<Duration> = .seconds(1) ... .seconds(120)
    /// Leases of one transmission at most.
    static let leaseLimit = 256
    /// How long viewers have to come back after the engine was lost.
    static let engineLossGrace: Duration = .seconds(10)

    // MARK: What happens

    /// The engine started a hook: a reader waits for the path.
    mutating func hookOpened(_ id: Int, path: String) {
        pathOfHook[id] = path
        paths[path, default: Path()].hooks.insert(id)
        paths[path]?.drainsUntil = nil
    }

    /// The engine ended a hook: no reader is left.
    mutating func hookClosed(_ id: Int, at now: Instant) {
        guard let path = pathOfHook.removeValue(forKey: id) else { return }
        paths[path]?.hooks.remove(id)
        drainIfIdle(path, until: now + Self.hookDrain)
    }

    /// What the engine lists now: the number of readers by path.
    mutating func readersListed(_ counts: [String: Int], at now: Instant) {
        for (path, count) in counts where count > 0 {
            paths[path, default: Path()].readers = count
            paths[path]?.drainsUntil = nil
        }
        for path in paths.keys where counts[path, default: 0] == 0 && paths[path]?.readers != 0 {
            paths[path]?.readers = 0
            drainIfIdle(path, until: now + Self.drain)
        }
    }

    /// Somebody is about to watch. Extends what was asked for before, and never shortens it.
    mutating func prime(_ names: some Sequence<String>, for duration: Duration = primeDuration, at now: Instant) {
        let until = now + min(max(duration, Self.primeRange.lowerBound), Self.primeRange.upperBound)
        for name in names {
            var path = paths[name] ?? Path()
            path.primedUntil = max(path.primedUntil ?? until, until)
            path.drainsUntil = nil
            paths[name] = path
        }
    }

    /// A player says that it plays, and will say so again before the time is over. This replaces what it said before.
    ///
    /// - Returns: false when the transmission has ``leaseLimit`` others already; nothing was changed then.
    mutating func lease(
        _ lease: DemandLease, of names: some Sequence<String>, for duration: Duration, at now: Instant
    ) -> Bool {
        let others = paths.values.reduce(into: Set<DemandLease>()) { result, path in
            result.formUnion(path.leasedUntil.keys.filter { $0.transmissionID == lease.transmissionID && $0 != lease })
        }
        guard others.count < Self.leaseLimit else { return false }
        let names = Set(names)
        for (name, path) in paths where path.leasedUntil[lease] != nil && !names.contains(name) {
            endLease(lease, of: name, at: now)
        }
        for name in names {
            paths[name, default: Path()].leasedUntil[lease] = now + duration
            paths[name]?.drainsUntil = nil
        }
        return true
    }

    /// The player says that it has ended.
    ///
    /// - Returns: whether there was such a lease.
    mutating func endLease(_ lease: DemandLease, at now: Instant) -> Bool {
        let held = paths.filter { $0.value.leasedUntil[lease] != nil }.keys
        for name in held { endLease(lease, of: name, at: now) }
        return !held.isEmpty
    }

    private mutating func endLease(_ lease: DemandLease, of name: String, at now: Instant) {
        paths[name]?.leasedUntil[lease] = nil
        drainIfIdle(name, until: now + Self.drain)
    }

    /// The engine is gone, and its hooks and readers with it. What was watched stays wanted while viewers come back.
    mutating func engineLost(at now: Instant) {
        let watched = paths.filter { !$0.value.hooks.isEmpty || $0.value.readers > 0 }.keys
        pathOfHook = [:]
        for path in watched {
            paths[path]?.hooks = []
            paths[path]?.readers = 0
        }
        prime(watched, for: Self.engineLossGrace, at: now)
    }

    /// The engine was stopped on purpose: nothing is wanted.
    mutating func clear() {
        paths = [:]
        pathOfHook = [:]
    }

    private mutating func drainIfIdle(_ path: String, until end: Instant) {
        guard let state = paths[path], !state.isDemanded else { return }
        paths[path]?.drainsUntil = max(state.drainsUntil ?? end, end)
    }

    // MARK: What follows

    /// Lets primes, leases and drains run out.
    mutating func advance(to now: Instant) {
        for (name, path) in paths {
            for (lease, until) in path.leasedUntil where until <= now {
                paths[name]?.leasedUntil[lease] = nil
                drainIfIdle(name, until: until + Self.drain)
            }
            if let until = path.primedUntil, until <= now {
                paths[name]?.primedUntil = nil
                drainIfIdle(name, until: until + Self.drain)
            }
            if let state = paths[name], !state.isDemanded, state.drainsUntil.map({ $0 <= now }) ?? true {
                paths[name] = nil
            }
        }
    }

    /// The paths that are wanted.
    var wanted: Set<String> { Set(paths.keys) }

    /// When something runs out next.
    var nextDeadline: Instant? {
        paths.values.compactMap(\.nextDeadline).min()
    }

    /// Whether a path would stop being wanted at `now`, were nobody found to read it.
    func endsSomething(at now: Instant) -> Bool {
        paths.values.contains { !$0.isDemanded && $0.drainsUntil.map { $0 <= now } ?? false }
    }

    /// Until when a path is primed.
    func primedUntil(_ path: String) -> Instant? { paths[path]?.primedUntil }

    /// Who wants a path.
    func demand(for path: String) -> OutputFacts.Demand {
        guard let path = paths[path] else { return .nobody }
        if path.readers > 0 || !path.hooks.isEmpty { return .watched }
        return path.isDemanded ? .announced : .leaving
    }

    /// How many leases a path has.
    func leaseCount(_ path: String) -> Int { paths[path]?.leasedUntil.count ?? 0 }
}
