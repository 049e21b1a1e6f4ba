import Logging
import StreamModel

/// Keeps one worker for each island. It looks at the plan and at the demand each time, so that the newest wins.
actor WorkerSupervisor {
    private struct Entry {
        var plan: IslandPlan
        let runner: WorkerRunner
    }

    private let launcher: WorkerLauncher
    private let logger: Logger
    private let plan: @Sendable () -> WorkerPlan
    private let wanted: WantedPaths
    private let sightings: SightingRecorder?
    private let onTrouble: @Sendable (String) async -> Void
    private let onChange: @Sendable () -> Void

    private var entries: [Entry] = [] { didSet { onChange() } }
    /// How many wait for a still of a transmission.
    private var stillRequests: [String: Int] = [:]
    /// Transmissions that nobody waits for a still of since a moment ago; what comes next finds their worker running.
    private var stillDrains: [String: Task<Void, Never>] = [:]
    /// Workers of islands that are no more, while they end.
    private var leaving: [Int: Task<Void, Never>] = [:]
    private var nextLeaving = 0
    private var isShutDown = false
    private lazy var reconciler = Reconciler { [weak self] in await self?.reconcile() }

    /// - Parameters:
    ///   - plan: what is to run by what is stored now.
    ///   - wanted: the engine paths that somebody wants.
    ///   - sightings: hears what workers find in pictures; nil is nobody.
    ///   - onTrouble: gets a sentence when a worker crashed or hung.
    ///   - onChange: called when what workers run or say may be another; it must not block.
    init(
        launcher: WorkerLauncher, logger: Logger, wanted: WantedPaths, sightings: SightingRecorder? = nil,
        plan: @escaping @Sendable () -> WorkerPlan, onTrouble: @escaping @Sendable (String) async -> Void,
        onChange: @escaping @Sendable () -> Void = {}
    ) {
        self.launcher = launcher
        self.logger = logger
        self.wanted = wanted
        self.sightings = sightings
        self.plan = plan
        self.onTrouble = onTrouble
        self.onChange = onChange
    }

    /// Looks at plan and demand, and passes on what changed to the islands that it concerns. Waits until that is done, but
    /// not until workers have started or ended.
    func update() async {
        reconciler.wake()
        await reconciler.settle()
    }

    private func reconcile() async {
        guard !isShutDown else { return }
        let islands = plan().islands
        let paths = wanted.current
        let matches = Island.match(running: entries.map(\.plan.island), wanted: islands.map(\.island))
        let old = entries
        let kept = Set(matches.compactMap(\.self))
        entries = zip(islands, matches).map { island, match in
            if let match { return Entry(plan: island, runner: old[match].runner) }
            let goal = WorkerRunner.Goal(plan: island, demand: [])
            return Entry(
                plan: island,
                runner: WorkerRunner(
                    goal: goal, launcher: launcher, logger: logger, sightings: sightings, onTrouble: onTrouble,
                    onChange: onChange))
        }
        for (index, entry) in old.enumerated() where !kept.contains(index) { leave(entry.runner) }
        let pictured = Set(stillRequests.keys).union(stillDrains.keys)
        for entry in entries {
            await entry.runner.set(
                WorkerRunner.Goal(
                    plan: entry.plan,
                    demand: entry.plan.renditions(feeding: paths).union(entry.plan.pushedRenditions),
                    pictured: pictured.intersection(entry.plan.island.transmissionIDs)))
        }
    }

    /// Makes the next picture of the rendition that feeds an engine path a keyframe.
    func forceKeyframe(feeding path: String) async -> KeyframeRequest {
        for entry in entries {
            guard let rendition = entry.plan.renditions(feeding: [path]).first else { continue }
            return await entry.runner.forceKeyframe(rendition: rendition)
        }
        return .notRunning
    }

    /// Gives the next picture of a transmission JSON to travel with, where anything is sent to one of the paths that it is seen on.
    ///
    /// - Returns: whether that is so.
    func postMetadata(_ json: String, to transmissionID: String, seenOn paths: Set<String>) async -> Bool {
        guard let entry = entries.first(where: { $0.plan.island.transmissionIDs.contains(transmissionID) }) else {
            return false
        }
        return await entry.runner.postMetadata(json, to: transmissionID, seenOn: paths)
    }

    /// Takes a picture of what a transmission shows. Its worker is started when it does not run.
    func takeStill(of transmissionID: String, maximumWidth: Int) async -> StillResult {
        stillRequests[transmissionID, default: 0] += 1
        stillDrains.removeValue(forKey: transmissionID)?.cancel()
        await update()
        defer { endStill(of: transmissionID) }
        guard let entry = entries.first(where: { $0.plan.island.transmissionIDs.contains(transmissionID) }) else {
            return StillResult(failure: "The transmission is gone or switched off.")
        }
        return await entry.runner.takeStill(of: transmissionID, maximumWidth: maximumWidth)
    }

    private func endStill(of transmissionID: String) {
        let left = stillRequests[transmissionID, default: 1] - 1
        stillRequests[transmissionID] = left > 0 ? left : nil
        guard left <= 0, !isShutDown else { return }
        stillDrains[transmissionID] = Task {
            guard (try? await Task.sleep(for: DemandTracker.drain)) != nil, !Task.isCancelled else { return }
            self.stillDrains[transmissionID] = nil
            await self.update()
        }
    }

    private func leave(_ runner: WorkerRunner) {
        nextLeaving += 1
        let number = nextLeaving
        leaving[number] = Task {
            await runner.shutDown()
            self.leaving[number] = nil
        }
    }

    /// Waits until every worker is as it is to be.
    func settle() async {
        for entry in entries { await entry.runner.settle() }
    }

    /// Ends all workers, at once.
    func shutDown() async {
        isShutDown = true
        for drain in stillDrains.values { drain.cancel() }
        await reconciler.settle()
        await withTaskGroup(of: Void.self) { group in
            for entry in entries { group.addTask { await entry.runner.shutDown() } }
            for task in leaving.values { group.addTask { await task.value } }
        }
        entries = []
    }

    /// What each worker runs and says.
    var states: [(plan: IslandPlan, state: WorkerState)] {
        get async {
            var result: [(plan: IslandPlan, state: WorkerState)] = []
            for entry in entries { result.append((entry.plan, await entry.runner.state)) }
            return result
        }
    }
}
