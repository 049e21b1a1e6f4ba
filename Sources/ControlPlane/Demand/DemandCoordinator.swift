import EngineContract
import Logging
import StreamModel
import Synchronization

/// The engine paths that are wanted now; shared with those who act on it.
final class WantedPaths: Sendable {
    private let paths = Mutex<Set<String>>([])

    var current: Set<String> { paths.withLock { $0 } }

    /// - Returns: whether that is a change.
    func set(_ new: Set<String>) -> Bool {
        paths.withLock { paths in
            defer { paths = new }
            return paths != new
        }
    }
}

/// Brings together who asks for pictures, and tells the workers which engine paths are wanted.
///
/// The engine is asked for its readers once a second while something is wanted, and never otherwise.
actor DemandCoordinator {
    private let engine: EngineViewers
    private let logger: Logger
    private let wantedPaths: WantedPaths
    private let onChange: @Sendable () async -> Void
    private let onLook: @Sendable () -> Void

    private var tracker = DemandTracker()
    private var timer: Task<Void, Never>?
    private var polling: Task<Void, Never>?
    private(set) var viewers: [String: ViewerCounts] = [:]
    /// Counts requests for lists of readers. A list counts for nothing when a later one is known, or when the engine that
    /// made it was lost or stopped meanwhile.
    private var listNumber = 0
    private var newestListNumber = 0

    static let pollInterval: Duration = .seconds(1)

    /// - Parameters:
    ///   - engine: is asked who watches.
    ///   - wanted: where the wanted paths are put.
    ///   - onChange: is called after they changed.
    ///   - onLook: is called when who watches may be another; it must not block.
    init(
        engine: EngineViewers, wanted: WantedPaths, logger: Logger, onChange: @escaping @Sendable () async -> Void,
        onLook: @escaping @Sendable () -> Void = {}
    ) {
        self.engine = engine
        wantedPaths = wanted
        self.logger = logger
        self.onChange = onChange
        self.onLook = onLook
    }

    // MARK: What happens

    func handle(_ event: DemandSocket.Event) async {
        switch event {
        case .opened(let id, let path):
            logger.debug("A viewer waits.", metadata: ["path": "\(path)"])
            tracker.hookOpened(id, path: path)
        case .closed(let id): tracker.hookClosed(id, at: .now)
        }
        await update()
    }

    func prime(_ paths: some Sequence<String> & Sendable) async {
        tracker.prime(paths, at: .now)
        await update()
    }

    /// - Returns: false when the transmission has too many leases already.
    func lease(_ lease: DemandLease, of paths: Set<String>, for duration: Duration) async -> Bool {
        guard tracker.lease(lease, of: paths, for: duration, at: .now) else { return false }
        await update()
        return true
    }

    /// - Returns: whether there was such a lease.
    func endLease(_ lease: DemandLease) async -> Bool {
        let existed = tracker.endLease(lease, at: .now)
        await update()
        return existed
    }

    /// A viewer has left, as it says itself: the engine is asked at once.
    func viewersChanged() async { await poll() }

    func engineLost() async {
        tracker.engineLost(at: .now)
        forgetLists()
        await update()
    }

    /// Nothing is wanted any more.
    func clear() async {
        tracker.clear()
        forgetLists()
        await update()
    }

    func stop() {
        timer?.cancel()
        polling?.cancel()
        timer = nil
        polling = nil
    }

    // MARK: What follows

    private func update() async {
        tracker.advance(to: .now)
        let wanted = tracker.wanted
        viewers = viewers.filter { wanted.contains($0.key) }
        schedule(isActive: !wanted.isEmpty)
        if wantedPaths.set(wanted) { await onChange() }
        onLook()
    }

    private func schedule(isActive: Bool) {
        timer?.cancel()
        timer = tracker.nextDeadline.map { deadline in
            Task {
                guard (try? await Task.sleep(until: deadline, clock: .continuous)) != nil else { return }
                await self.deadlinePassed()
            }
        }
        if isActive, polling == nil {
            polling = Task {
                while (try? await Task.sleep(for: Self.pollInterval)) != nil { await self.poll() }
            }
        } else if !isActive {
            polling?.cancel()
            polling = nil
        }
    }

    /// A viewer may have come since the last look: an encoder is not stopped before the engine was asked once more.
    private func deadlinePassed() async {
        if tracker.endsSomething(at: .now) { await listReaders() }
        await update()
    }

    private func poll() async {
        await listReaders()
        await update()
    }

    private func forgetLists() {
        viewers = [:]
        newestListNumber = listNumber
    }

    private func listReaders() async {
        listNumber += 1
        let number = listNumber
        // When the engine does not answer, what it said last goes on to hold.
        guard let paths = await engine.paths(), number > newestListNumber else { return }
        newestListNumber = number
        tracker.readersListed(
            Dictionary(paths.map { ($0.name, $0.readers.count) }, uniquingKeysWith: +), at: .now)
        viewers = Dictionary(
            paths.map { ($0.name, ViewerCounts(readers: $0.readers, of: engine.kind())) },
            uniquingKeysWith: { first, _ in first })
    }

    /// The paths whose encoders run.
    var wantedNow: [String] { tracker.wanted.sorted() }
    /// Who wants which path; the others are wanted by nobody.
    var demand: [String: OutputFacts.Demand] {
        tracker.wanted.reduce(into: [:]) { $0[$1] = tracker.demand(for: $1) }
    }
    /// Whether players have said that they watch one of the paths.
    func isLeased(_ paths: some Sequence<String>) -> Bool { paths.contains { tracker.leaseCount($0) > 0 } }
    /// How many players have said so, by path.
    var leaseCounts: [String: Int] {
        tracker.wanted.reduce(into: [:]) { result, path in
            let count = tracker.leaseCount(path)
            if count > 0 { result[path] = count }
        }
    }
    /// The paths that somebody is about to watch.
    var primedPaths: [String] { tracker.wanted.filter { tracker.primedUntil($0) != nil }.sorted() }
}
