import EngineContract
import Foundation
import Logging
import StreamModel

/// What the rest of the control plane is told of the engine.
enum EngineEvent: Hashable, Sendable {
    /// It answers; others may talk to it at these ports.
    case ready(EnginePorts)
    /// It is gone; nil is a stop that was asked for.
    case lost(ChildExit?)
}

/// Keeps the engine as it is to be: started, restarted when it fails, changed while it runs.
///
/// It looks at the goal each time instead of being told of changes, so that the newest state wins whatever the order in
/// which requests were answered. One pass runs at a time.
actor EngineManager {
    let environment: EngineEnvironment
    let logger: Logger
    /// Nil when no engine is wanted.
    private let goal: @Sendable () -> EngineGoal?
    private let events: AsyncStream<EngineEvent>.Continuation
    /// Called when the status may be another one; it must not block.
    let onChange: @Sendable () -> Void

    private lazy var reconciler = Reconciler { [weak self] in await self?.reconcile() }
    private var wakeUp: Task<Void, Never>?
    var watchTask: Task<Void, Never>?
    private var applying: Task<Void, any Error>?
    private var isShutDown = false
    private var restartWanted = false
    private var reclaimWanted = false

    var process: RunningEngine? {
        didSet {
            if process?.pid != oldValue?.pid { staleEngines.forget() }
            onChange()
        }
    }
    var staleEngines = FoundStaleEngines()
    private(set) var phase = EngineStatus.State.stopped { didSet { onChange() } }
    private var ports = KeptPorts()
    private(set) var retries = EngineRetries() { didSet { onChange() } }
    var lastError: CodedMessage? { didSet { onChange() } }
    /// Engines of an earlier run that were ended at a start.
    private(set) var recovered: [Int] = []
    private var reclaimed = StaleEngines.Outcome()
    /// Of the engine that runs or ran last.
    private(set) var log: ChildLog?
    /// Why the engine's file could not be written when that was tried last.
    var fileProblem: CodedMessage? { didSet { onChange() } }
    var install = InstallMemory() { didSet { onChange() } }

    static let readyTimeout: Duration = .seconds(8)
    static let shutDownTimeout: Duration = .seconds(3)

    init(
        environment: EngineEnvironment, logger: Logger, events: AsyncStream<EngineEvent>.Continuation,
        onChange: @escaping @Sendable () -> Void = {},
        goal: @escaping @Sendable () -> EngineGoal?
    ) {
        self.environment = environment
        self.logger = logger
        self.events = events
        self.onChange = onChange
        self.goal = goal
    }

    // MARK: Orders

    /// Looks at the goal soon.
    func wake() { reconciler.wake() }

    /// Waits until everything that was asked for before is done or has failed.
    func settle() async { await reconciler.settle() }

    /// Ends the engine; if it is wanted, it is started anew with ports chosen anew.
    func restart() async {
        restartWanted = true
        retryNow()
        await settle()
    }

    /// Ends the engine and every other one of this data directory; if an engine is wanted, it is started anew.
    func reclaim() async -> StaleEngines.Outcome {
        reclaimWanted = true
        retryNow()
        await settle()
        return reclaimed
    }

    /// A start that a person asks for does not wait for the end of a pause, and what is told after it was looked at anew.
    func retryNow() {
        staleEngines.forget()
        retries.forget()
        forgetFailedDownloads()
        wake()
    }

    /// Ends the engine for good, within ``shutDownTimeout`` whatever it does.
    func shutDown() async {
        isShutDown = true
        wakeUp?.cancel()
        wake()
        let killer = Task {
            guard (try? await Task.sleep(for: Self.shutDownTimeout)) != nil else { return }
            self.kill()
        }
        await settle()
        killer.cancel()
        await endInstallations()
    }

    private func kill() {
        // Until the process is reaped, which clears `process` or sets its exit, nobody else has its number.
        guard let process, process.exit == nil, let pid = process.pid else { return }
        Foundation.kill(pid_t(-pid), SIGKILL)
    }

    // MARK: Passes

    var currentGoal: EngineGoal? { isShutDown ? nil : goal() }

    private func reconcile() async {
        if reclaimWanted {
            reclaimWanted = false
            await stop()
            reclaimed = await environment.stale.end(except: nil)
            recovered = []
            logger.notice(
                "Ended engines that were left over.",
                metadata: ["ended": "\(reclaimed.ended)", "left": "\(reclaimed.left)"])
        }
        guard let goal = currentGoal else {
            await stop()
            retries.forget()
            restartWanted = false
            phase = .stopped
            lastError = nil
            return
        }
        if restartWanted {
            restartWanted = false
            await stop()
            ports.forget()
        }
        guard let process else {
            await startUnlessPausing(goal)
            return
        }
        let wanted = configuration(for: goal, process.assignment, process.program)
        let isOtherProgram = await isOtherProgramWanted(goal, than: process)
        guard self.process?.id == process.id else { return wake() }
        switch EngineConfigurationChange(
            from: process.configuration, to: wanted, endsWithdrawnReaders: process.program.kind == .mediamtx)
        {
        case .none where !isOtherProgram && process.preferred == goal.settings.preferredPorts: lastError = nil
        case .live(let changes) where !isOtherProgram && process.preferred == goal.settings.preferredPorts:
            await apply(changes, to: process, wanted)
        case .none, .live, .restart:
            let reason = isOtherProgram ? "another one is to be used" : "what it listens on changes"
            logger.info("The engine is restarted, because \(reason).")
            await stop()
            if process.preferred != goal.settings.preferredPorts { ports.forget() }
            await start(goal)
        }
    }

    private func startUnlessPausing(_ goal: EngineGoal) async {
        if let pause = retries.pause(before: EngineWish(goal.settings), at: .now) {
            phase = .waiting
            scheduleWakeUp(after: pause)
        } else {
            await start(goal)
        }
    }

    private func scheduleWakeUp(after pause: Duration) {
        wakeUp?.cancel()
        wakeUp = Task {
            guard (try? await Task.sleep(for: pause)) != nil else { return }
            self.wake()
        }
    }

    private func configuration(
        for goal: EngineGoal, _ ports: PortAssignment, _ program: EngineProgram
    ) -> EngineConfiguration {
        environment.builder.configuration(for: goal, ports: ports, engine: program.kind)
    }

    // MARK: Changing while it runs

    private func apply(
        _ changes: [LiveEngineChange], to process: RunningEngine, _ wanted: EngineConfiguration
    ) async {
        do {
            try wanted.validate()
        } catch {
            // What runs goes on: no engine would start with it.
            lastError =
                CodedMessage(
                    "engine_settings_wrong", error.description, ["reason": .string(error.description)]
                ).redacted
            return
        }
        let client = process.client
        let applying = Task {
            // At the end nobody needs them any more.
            for change in try await applyByFile(changes, to: process, wanted) where !isShutDown {
                try await client.apply(change)
            }
        }
        // Its end ends this as well: a process that is gone would be asked for most of a minute.
        self.applying = applying
        defer { self.applying = nil }
        do {
            try await applying.value
            guard self.process?.id == process.id, !isShutDown else { return }
            self.process?.configuration = wanted
            lastError = nil
            writeWhileRunning(wanted, process.program)
        } catch {
            guard self.process?.id == process.id else { return }
            logger.warning("The engine did not take a change and is restarted.", metadata: ["reason": "\(error)"])
            await stop()
            if let goal = currentGoal { await start(goal) }
        }
    }

    // MARK: Starting

    private func start(_ goal: EngineGoal) async {
        phase = .starting
        retries.starts(EngineWish(goal.settings))
        do {
            guard let program = try await programToStart(goal) else {
                phase = .downloading
                lastError = nil
                return
            }
            let version = await version(of: program, goal.settings)
            let stale = await environment.stale.end(except: nil).ended
            if !stale.isEmpty {
                recovered = stale
                logger.notice("Ended engines of an earlier run.", metadata: ["pids": "\(stale)"])
            }
            let allocator = environment.ports(goal.settings.exposeToLAN)
            // Others may look for ports as soon as the engine has bound its own.
            defer { allocator.release() }
            let ports = try self.ports.assign(
                for: goal.settings, by: allocator,
                choosesWebRTCMedia: environment.builder.webRTC.localUDP == nil, usesTLS: usesTLS,
                usesInputs: !goal.inputs.isEmpty)
            let configuration = configuration(for: goal, ports, program)
            try writeToStart(configuration, for: version)
            try await launch(program, version, goal, configuration, ports)
        } catch let error as EngineProgramError {
            // Nothing changes by trying again; the next change of the settings does.
            lastError = error.message
            phase = .stopped
        } catch let error as EngineFileError {
            fail(error.message, readyFor: nil)
        } catch let error as PortError {
            fail(error.message, readyFor: nil)
        } catch {
            fail(
                CodedMessage(
                    "engine_start_failed", "The engine could not be started: \(error)", ["reason": .string("\(error)")]),
                readyFor: nil)
        }
    }

    private func launch(
        _ program: EngineProgram, _ version: MediaMTXVersion?, _ goal: EngineGoal,
        _ configuration: EngineConfiguration, _ ports: PortAssignment
    ) async throws {
        let log = try environment.logs.open()
        if log.path == nil { logger.warning("The engine's log can't be written: only its last lines are kept.") }
        self.log = log
        let id = UUID()
        let child = ChildProgram(
            executable: program.executable, arguments: program.arguments,
            workingDirectory: environment.directory.runtime, terminateGrace: .seconds(5), killGrace: .seconds(3))
        let guardian =
            program.kind == .builtin
            ? nil : EngineGuard(executable: environment.executable, workingDirectory: environment.directory.runtime)
        let task = Task {
            let exit = await EngineProcess.run(child, log: log.output, guardian: guardian) { pid in
                await self.started(id, pid: pid)
            }
            self.ended(id, exit)
        }
        process = RunningEngine(
            id: id, task: task, program: program, version: version, wish: EngineWish(goal.settings),
            preferred: goal.settings.preferredPorts, assignment: ports, configuration: configuration,
            client: environment.client(port: ports.ports.api), log: log)
        if await becomesReady(id) {
            guard let process else { return }
            phase = .running
            lastError = nil
            watch(id)
            environment.endpoint.set(program.kind, ports: ports.ports, client: process.client)
            events.yield(.ready(ports.ports))
            logger.info(
                "The engine is ready.",
                metadata: [
                    "kind": "\(program.kind.rawValue)", "pid": "\(process.pid ?? 0)", "rtsp": "\(ports.ports.rtsp)",
                ])
        } else if process?.id == id {
            await stop()
            if currentGoal != nil {
                let seconds = Int(Self.readyTimeout.components.seconds)
                fail(
                    CodedMessage(
                        "engine_no_answer", "The engine did not answer within \(seconds) seconds.",
                        ["seconds": .integer(seconds)]),
                    readyFor: nil, hint: EngineLog.complaint(in: log, nil))
            }
        }
    }

    /// Asks until the engine answers, ends, is not wanted any more, or has had its time.
    private func becomesReady(_ id: UUID) async -> Bool {
        let deadline = ContinuousClock.now + Self.readyTimeout
        var pause = Duration.milliseconds(20)
        while ContinuousClock.now < deadline, let process, process.id == id, process.exit == nil, currentGoal != nil {
            if process.pid != nil, (try? await process.client.info()) != nil {
                guard self.process?.id == id else { return false }
                self.process?.readySince = .now
                return true
            }
            try? await Task.sleep(for: pause)
            pause = min(pause * 1.5, .milliseconds(200))
        }
        return false
    }

    private func started(_ id: UUID, pid: Int) {
        guard process?.id == id else { return }
        process?.pid = pid
        process?.started = (.now, Date())
    }

    // MARK: Ending

    private func ended(_ id: UUID, _ exit: ChildExit) {
        guard let process, process.id == id else { return }
        applying?.cancel()
        if process.isStopping {
            self.process?.exit = exit
            return
        }
        self.process = nil
        environment.endpoint.clear()
        let silence = Int(EngineWatch.silenceLimit.components.seconds)
        let message =
            process.hangs
            ? CodedMessage(
                "engine_hung", "The engine did not answer for \(silence) seconds and was ended.",
                ["seconds": .integer(silence)])
            : CodedMessage("engine_stopped", "The engine stopped: \(exit).", ["reason": exit.message.json])
        fail(
            message, readyFor: process.readySince.map { $0.duration(to: .now) },
            hint: EngineLog.complaint(in: process.log, exit))
        if process.readySince != nil { events.yield(.lost(exit)) }
        wake()
    }

    /// Ends the process and waits for its end.
    private func stop() async {
        guard let process else { return }
        watchTask?.cancel()
        phase = .stopping
        self.process?.isStopping = true
        environment.endpoint.clear()
        process.task.cancel()
        await process.task.value
        if self.process?.id == process.id { self.process = nil }
        if process.readySince != nil { events.yield(.lost(nil)) }
        phase = .stopped
    }

    /// - Parameter hint: a line of the engine's log.
    private func fail(_ message: CodedMessage, readyFor: Duration?, hint: String? = nil) {
        let said = hint.map { line in
            CodedMessage(
                "engine_log_says", "\(message.text) \(line)", ["reason": message.json, "line": .string(line)])
        }
        let error = (said ?? message).redacted
        lastError = error
        // Somebody took it between our look and the engine's.
        let portWasTaken = hint?.lowercased().contains("already in use") == true
        let pause = retries.recordFailure(at: .now, readyFor: readyFor, portWasTaken: portWasTaken)
        phase = .waiting
        logger.error("\(error.text)", metadata: ["retry_in": "\(pause)"])
        wake()
    }
}
