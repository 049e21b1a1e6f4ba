import Foundation
import Logging
import StreamModel

/// Runs the worker of one island: started when it has something to do, restarted when it crashes or hangs, ended when
/// nobody needs it. One pass over the goal runs at a time.
actor WorkerRunner {
    /// What the worker is to do.
    struct Goal: Hashable, Sendable {
        var plan: IslandPlan
        /// Renditions.
        var demand: Set<String>
        /// Transmissions that somebody wants a still of.
        var pictured: Set<String> = []

        var isNeeded: Bool { plan.runsAlways || !demand.isEmpty || !pictured.isEmpty }
    }

    private struct Running {
        let id: UUID
        let mailbox: WorkerMailbox
        let task: Task<Void, Never>
        let started: ContinuousClock.Instant
        var pid: Int?
        var sent: Goal
        var silence = WorkerSilence()
        var isStopping = false
        var watchdog: Task<Void, Never>?
    }

    private let launcher: WorkerLauncher
    private let logger: Logger
    /// Hears what is found in pictures; nil is nobody.
    private let sightings: SightingRecorder?
    private let onTrouble: @Sendable (String) async -> Void
    private let onChange: @Sendable () -> Void
    private let stills = StillRequests()

    private var goal: Goal
    private var running: Running?
    private(set) var state: WorkerState { didSet { onChange() } }
    private var backoff = WorkerBackoff()
    private var retryAt: ContinuousClock.Instant?
    private var wakeUp: Task<Void, Never>?
    private var isShutDown = false
    private lazy var reconciler = Reconciler { [weak self] in await self?.reconcile() }

    /// - Parameters:
    ///   - onTrouble: gets a sentence when the worker crashed or hung.
    ///   - onChange: called when the state may be another one; it must not block.
    init(
        goal: Goal, launcher: WorkerLauncher, logger: Logger, sightings: SightingRecorder? = nil,
        onTrouble: @escaping @Sendable (String) async -> Void,
        onChange: @escaping @Sendable () -> Void = {}
    ) {
        self.goal = goal
        state = WorkerState(of: goal.plan.configuration)
        self.launcher = launcher
        self.logger = logger
        self.sightings = sightings
        self.onTrouble = onTrouble
        self.onChange = onChange
    }

    // MARK: Orders

    func set(_ goal: Goal) {
        if goal.plan.configuration != self.goal.plan.configuration {
            state.configure(goal.plan.configuration)
            // What was changed may be what made it crash.
            backoff.reset()
            retryAt = nil
        }
        self.goal = goal
        wake()
    }

    /// Makes the next picture of a rendition a keyframe.
    func forceKeyframe(rendition id: String) -> KeyframeRequest {
        guard let running, !running.isStopping, let status = state.renditions[id], status.isRunning else {
            return .notRunning
        }
        // While the camera is away, the placeholder is encoded here.
        if status.mode == .copy, status.state == .live { return .cameraDecides }
        running.mailbox.put(.forceKeyframe(rendition: id))
        return .made
    }

    /// Gives the next picture of a transmission JSON to travel with.
    ///
    /// - Parameter paths: where it is seen.
    /// - Returns: whether anything is sent there at the moment.
    func postMetadata(_ json: String, to transmissionID: String, seenOn paths: Set<String>) -> Bool {
        guard let running, !running.isStopping,
            goal.plan.renditions(feeding: paths).contains(where: { state.renditions[$0]?.isRunning == true })
        else { return false }
        running.mailbox.put(.postMetadata(transmissionID: transmissionID, json: json))
        return true
    }

    /// Has the worker take a picture of what a transmission shows. The goal has to say that one is wanted.
    func takeStill(of transmissionID: String, maximumWidth: Int) async -> StillResult {
        await settle()
        guard let running, !running.isStopping else {
            return StillResult(failure: state.lastError?.text ?? "The worker does not run.")
        }
        return await stills.answer { requestID in
            running.mailbox.put(
                .takeStill(requestID: requestID, transmissionID: transmissionID, maximumWidth: maximumWidth))
        }
    }

    func wake() { reconciler.wake() }

    func settle() async { await reconciler.settle() }

    /// Ends the worker for good.
    func shutDown() async {
        isShutDown = true
        wakeUp?.cancel()
        wake()
        await settle()
    }

    // MARK: Passes

    private func reconcile() async {
        guard goal.isNeeded, !isShutDown else {
            await stop()
            backoff.reset()
            retryAt = nil
            state.isPausing = false
            state.lastError = nil
            return
        }
        if let running {
            send(goal, to: running)
            return
        }
        if let retryAt {
            let remaining = ContinuousClock.now.duration(to: retryAt)
            if remaining > .zero {
                state.isPausing = true
                wakeUp?.cancel()
                wakeUp = Task {
                    guard (try? await Task.sleep(for: remaining)) != nil else { return }
                    self.wake()
                }
                return
            }
        }
        retryAt = nil
        state.isPausing = false
        start()
    }

    private func send(_ goal: Goal, to running: Running) {
        guard goal != running.sent else { return }
        if goal.plan.configuration != running.sent.plan.configuration {
            running.mailbox.put(.configure(state.completing(goal.plan.configuration)))
            sightings?.ended(pipelines: running.sent.plan.pipelineIDs.subtracting(goal.plan.pipelineIDs))
        }
        // A configuration may have brought renditions that are wanted, so the demand goes with it.
        running.mailbox.put(.demand(renditions: goal.demand, transmissions: goal.pictured))
        self.running?.silence.want(goal.demand)
        self.running?.sent = goal
    }

    // MARK: Starting

    private func start() {
        let log: ChildLog
        do {
            log = try launcher.logs.open(name: goal.plan.island.name)
        } catch {
            let reason = "there is no room for its log: \(error)"
            ended(because: CodedMessage("no_room_for_log", reason, ["reason": .string("\(error)")]), ranFor: .zero)
            return
        }
        state.log = log
        let id = UUID()
        let mailbox = launcher.makeMailbox()
        mailbox.put(.configure(state.completing(goal.plan.configuration)))
        mailbox.put(.demand(renditions: goal.demand, transmissions: goal.pictured))
        let program = launcher.program
        let task = Task {
            let exit = await WorkerProcess.run(
                program, log: log.output, mailbox: mailbox, onStart: { await self.started(id, pid: $0) },
                onEvent: { await self.take($0, from: id) })
            await self.ended(id, exit)
        }
        running = Running(id: id, mailbox: mailbox, task: task, started: .now, sent: goal)
        running?.silence.want(goal.demand)
        running?.watchdog = Task { [interval = launcher.lookInterval] in
            while (try? await Task.sleep(for: interval)) != nil { await self.lookForSilence(id) }
        }
        logger.info("A worker is started.", metadata: ["island": "\(goal.plan.island.name)"])
    }

    private func started(_ id: UUID, pid: Int) {
        guard running?.id == id else { return }
        running?.pid = pid
        state.pid = pid
    }

    private func take(_ event: WorkerEvent, from id: UUID) {
        guard running?.id == id else { return }
        if case .rendition(let status) = event { running?.silence.heard(of: status.id) }
        if case .stillTaken(let requestID, let result) = event { stills.finish(requestID, result.bounded) }
        if case .finding(let report) = event {
            if let believed = state.take(report) { sightings?.take(believed) }
        } else {
            state.take(event)
        }
    }

    // MARK: Ending

    private func lookForSilence(_ id: UUID) async {
        guard let running, running.id == id, !running.isStopping, let pid = running.pid else { return }
        guard self.running?.silence.look() == true else { return }
        let seconds = (launcher.lookInterval * WorkerSilence.lookLimit).components.seconds
        await onTrouble(
            "The worker of '\(goal.plan.island.name)' said nothing of an output for \(seconds) s and is replaced.")
        guard self.running?.id == id else { return }
        // Its end is noticed like that of any crash. It leads a group of its own that nobody else can be in.
        kill(pid_t(-pid), SIGKILL)
    }

    private func ended(_ id: UUID, _ exit: ChildExit) async {
        guard let running, running.id == id else { return }
        running.watchdog?.cancel()
        self.running = nil
        state.processEnded()
        sightings?.ended(pipelines: running.sent.plan.pipelineIDs)
        stills.finishAll(StillResult(failure: "The worker stopped: \(exit)."))
        guard !running.isStopping else { return }
        ended(because: exit.message, ranFor: running.started.duration(to: .now))
        if let lastError = state.lastError { await onTrouble(lastError.text) }
    }

    private func ended(because reason: CodedMessage, ranFor: Duration) {
        let pause = backoff.recordFailure(ranFor: ranFor)
        state.restartCount += 1
        state.lastError =
            CodedMessage(
                "worker_stopped", "The worker stopped: \(reason.text). It is started again.", ["reason": reason.json]
            ).redacted
        state.isPausing = pause > .zero
        retryAt = .now + pause
        logger.error(
            "A worker stopped: \(reason.text).",
            metadata: ["island": "\(goal.plan.island.name)", "retry_in": "\(pause)"])
        wake()
    }

    /// Closes its input, and when that does not end it in time, ends it.
    private func stop() async {
        guard let running else { return }
        self.running?.isStopping = true
        running.watchdog?.cancel()
        running.mailbox.put(.shutdown)
        running.mailbox.close()
        let reminder = Task { [grace = launcher.endGrace] in
            guard (try? await Task.sleep(for: grace)) != nil else { return }
            running.task.cancel()
        }
        await running.task.value
        reminder.cancel()
        if self.running?.id == running.id { self.running = nil }
        state.processEnded()
        sightings?.ended(pipelines: running.sent.plan.pipelineIDs)
        logger.info("A worker was ended.", metadata: ["island": "\(goal.plan.island.name)"])
    }
}
