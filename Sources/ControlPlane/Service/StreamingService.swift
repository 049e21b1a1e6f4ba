import Foundation
import Logging
import ServiceLifecycle
import StreamModel

/// Everything between the HTTP API and the processes: what users set up, who runs, and how it goes.
///
/// A change is validated, saved in one transaction and then put into effect. When it can't be put into effect it stays
/// saved, and the answer carries a warning. Every method throws ``ControlPlaneError``.
public actor StreamingService: Service {
    let store: ConfigurationStore
    let engine: EngineManager
    let endpoint: EngineEndpoint
    let workers: WorkerSupervisor
    let demandCoordinator: DemandCoordinator
    let cameraTester: CameraTester
    let stills: StillCache
    let sightings: SightingRecorder
    let webhooks: WebhookSender
    let mqtt: MQTTPublisher
    let installer: EngineInstaller
    /// What detection needs.
    let vision: VisionInstaller
    let visionChanges: AsyncStream<Void>
    /// Whether a model is being uploaded; one at a time is.
    var isTakingModel = false
    let mediaRoots: MediaRoots
    let notes: ChangeNotes
    let feed = StateFeed()
    private(set) lazy var stateLook = Reconciler { [weak self] in await self?.lookAtState() }
    let givenSettings: GivenEngineSettings
    /// What is around the container of an add-on.
    public nonisolated let hostNetwork: HostNetwork
    let homeAssistant: HomeAssistant
    /// Where workers read its cameras; nil where there is none.
    let homeAssistantMedia: HomeAssistantMedia?
    /// Who may use the server.
    public nonisolated let accounts: Accounts
    /// Streams for who watches through this server.
    public nonisolated let media: MediaGateway
    /// Slows down who guesses the passwords of outputs where nobody signs in.
    var viewerThrottle = SignInThrottle()
    let began = ContinuousClock.now
    let logger: Logger
    let dataDirectory: String
    let logsFolder: String
    /// The last lines of the server's own log.
    let recentLog: @Sendable () -> [String]
    /// What engine, workers and we know of each other.
    let engineSecrets: [Secret]
    /// What passwords of our own publishers and readers are derived from.
    let publishSecret: [UInt8]
    private let lock: DataDirectoryLock
    private let socketPath: String
    private let engineEvents: AsyncStream<EngineEvent>
    /// An output or an account changed: who was let in may not stay.
    private let accessChanges: AsyncStream<Void>
    private var socket: DemandSocket?

    /// Locks the data directory, opens the store and, if asked to, sets up the demo. Blocks while it does, so it belongs to
    /// the start-up.
    /// - Throws: ``StartupError``, whose text tells the user what is wrong with the data directory.
    public init(_ configuration: StreamingServiceConfiguration, logger: Logger) throws(StartupError) {
        var directory = DataDirectory(configuration.dataDirectory)
        try directory.prepare()
        lock = try DataDirectoryLock(directory)
        let notes = ChangeNotes()
        self.notes = notes
        let (accessChanges, accessSink) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        self.accessChanges = accessChanges
        let (mqttChanges, mqttSink) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let store = try ConfigurationStore(in: directory) {
            notes.note(.configuration)
            accessSink.yield()
            mqttSink.yield()
        }
        for problem in store.problems { logger.error("\(problem.text)") }
        let accounts = try Accounts(
            database: store.database, mode: configuration.access,
            administratorPassword: configuration.administratorPassword,
            homeAssistant: configuration.homeAssistantUsers, logger: logger, onWithdrawal: { accessSink.yield() })
        self.accounts = accounts
        let secret = try PublishSecret.load(directory.publishSecret)
        publishSecret = secret
        let apiPassword = Secret(RandomToken.hex(byteCount: 24))
        let reader = EngineReader.random()
        engineSecrets = [Secret(secret.hexadecimal), apiPassword, reader.password]
        dataDirectory = directory.root
        logsFolder = directory.logs
        recentLog = configuration.recentLog
        let socketPath = try DemandSocketPath.choose(runtime: directory.runtime)
        self.store = store
        self.socketPath = socketPath
        self.logger = logger
        let endpoint = EngineEndpoint()
        self.endpoint = endpoint
        let installer = EngineInstaller(
            cacheDirectory: configuration.engineCacheDirectory ?? directory.engines,
            downloadBaseURL: configuration.engineDownloadBaseURL, logger: logger,
            onChange: { _ in notes.note(.download) })
        self.installer = installer
        let (visionChanges, visionSink) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        self.visionChanges = visionChanges
        let vision = VisionInstaller(
            dataDirectory: directory.root, mirror: configuration.visionDownloadBaseURL, logger: logger,
            onEnd: { visionSink.yield() })
        self.vision = vision
        let hostNetwork = HostNetwork(configuration.supervisor, logger: logger)
        self.hostNetwork = hostNetwork
        homeAssistant = HomeAssistant(configuration.supervisor, logger: logger)
        homeAssistantMedia = configuration.supervisor.map { HomeAssistantMedia($0, logger: logger) }
        givenSettings = configuration.engineSettings
        let builder = EngineConfigurationBuilder(
            apiUser: "toposync_" + RandomToken.hex(byteCount: 6),
            apiPassword: apiPassword,
            reader: reader,
            publishSecret: secret,
            demandHook: EngineConfigurationBuilder.demandHook(
                executable: configuration.executable, socket: socketPath),
            webRTC: configuration.webRTC, certificate: configuration.certificate,
            allowedOrigins: configuration.mediaOrigins)
        media = MediaGateway(
            store: store,
            engine: EngineMedia(
                endpoint: endpoint, reader: reader, isSecure: configuration.certificate != nil),
            offersPageAddress: { builder.offersPageAddress($0, found: hostNetwork.current.addresses) },
            stillHolds: { await accounts.stillHolds($0) })
        let (events, eventSink) = AsyncStream<EngineEvent>.makeStream()
        engineEvents = events
        engine = EngineManager(
            environment: EngineEnvironment(
                directory: directory, executable: configuration.executable, enginePath: configuration.enginePath,
                builder: builder, endpoint: endpoint,
                logs: LogFiles(folder: directory.logs, prefix: "mediamtx", kept: EngineEnvironment.keptLogs),
                installer: installer, hostNetwork: hostNetwork),
            logger: logger, events: eventSink, onChange: { notes.note(.engine) },
            goal: {
                let stored = store.current
                guard stored.settings.engine.enabled else { return nil }
                return EngineGoal(stored, hostAddresses: hostNetwork.current.addresses)
            })
        let mediaRoots = MediaRoots(configuration.mediaRoots ?? [directory.media, "/media"])
        self.mediaRoots = mediaRoots
        let launcher = WorkerLauncher(
            executable: configuration.workerProgram, workingDirectory: directory.runtime, mediaRoots: mediaRoots,
            logs: LogFiles(folder: directory.logs, prefix: "worker", kept: WorkerLauncher.keptLogs),
            homeAssistant: homeAssistantMedia)
        let webhooks = WebhookSender { store.current.settings.events.webhooks }
        self.webhooks = webhooks
        let mqtt = MQTTPublisher(
            configuration: { store.current }, supervisor: configuration.supervisor,
            serverID: Self.mqttID(of: secret), changes: (mqttChanges, mqttSink), logger: logger)
        self.mqtt = mqtt
        let sightings = SightingRecorder(
            database: store.database, logger: logger, settings: { store.current.settings.events },
            place: { store.current.place(of: $0) },
            tell: { change, hasNewStill in
                await Self.tell(webhooks, change, hasNewStill: hasNewStill)
                await mqtt.tell(change, hasNewStill: hasNewStill)
            }, onChange: { notes.note(.events) })
        self.sightings = sightings
        let wanted = WantedPaths()
        let workers = WorkerSupervisor(
            launcher: launcher, logger: logger, wanted: wanted, sightings: sightings,
            plan: {
                let stored = store.current
                return WorkerPlan(
                    stored, rtspPort: endpoint.lastPorts?.rtsp ?? stored.settings.engine.preferredPorts.rtsp,
                    publishSecret: secret, engine: endpoint.lastKind ?? .builtin, vision: vision.assets)
            },
            onTrouble: { await store.record(kind: "worker", $0) }, onChange: { notes.note(.workers) })
        self.workers = workers
        demandCoordinator = DemandCoordinator(
            engine: EngineViewers(endpoint), wanted: wanted, logger: logger, onChange: { await workers.update() },
            onLook: { notes.note(.demand) })
        cameraTester = CameraTester(launcher: launcher)
        stills = StillCache { await workers.takeStill(of: $0.transmissionID, maximumWidth: $0.maximumWidth) }
        if configuration.demo {
            do {
                try store.updateBlocking(DemoSetup.setUp)
            } catch {
                throw StartupError("The demo can't be set up: \(error)")
            }
        }
        do {
            try store.updateBlocking(configuration.engineSettings.apply)
        } catch {
            // A data directory that can't be written is served as it is.
            logger.warning("The settings of the engine that were given are not in effect. \(error)")
        }
    }

    /// Supervises engine, workers and demand until graceful shutdown, which takes at most 5 seconds.
    public func run() async throws {
        let (hooks, hookSink) = AsyncStream<DemandSocket.Event>.makeStream()
        let socket: DemandSocket
        do {
            socket = try await DemandSocket(path: socketPath) { hookSink.yield($0) }
        } catch {
            throw StartupError("The socket \(socketPath) can't be made: \(error).")
        }
        self.socket = socket
        let homeListener = await listenForHomeAssistant()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [demandCoordinator] in
                for await event in hooks { await demandCoordinator.handle(event) }
            }
            group.addTask { [engineEvents] in
                for await event in engineEvents { await self.handle(event) }
            }
            group.addTask { await self.watchChanges() }
            group.addTask { [sightings] in await sightings.tellOthers() }
            group.addTask { [sightings] in await sightings.keepPruned() }
            group.addTask { [sightings] in
                await sightings.run { [weak self] in await self?.pictureOfEvent(transmissionID: $0, pipelineName: $1) }
            }
            group.addTask { [mqtt, sightings] in await mqtt.run(sightings) }
            group.addTask { [accessChanges] in
                for await _ in accessChanges { await self.accessChanged() }
            }
            if let homeListener {
                group.addTask { await self.homeAssistantMedia?.serve(homeListener) }
            }
            // Beside the rest: an engine that hangs takes its time, and a stop does not wait for it.
            group.addTask {
                // At once, as uploads may come from now on.
                self.vision.library.dropUnfinishedUploads()
                _ = await self.hostNetwork.refresh()
                // Before workers start, so that they have it at once.
                await self.lookAtVision()
                await self.apply()
                await self.followHostNetwork()
            }
            group.addTask { await self.followVision() }
            // Ends by a throw when the task is cancelled, which means the same.
            try? await gracefulShutdown()
            await shutDown(socket)
            group.cancelAll()
        }
    }

    private func shutDown(_ socket: DemandSocket) async {
        await demandCoordinator.stop()
        await vision.cancel()
        // Workers first hear of it, so that they say goodbye to an engine that is still there for a moment.
        async let workersEnd: Void = workers.shutDown()
        async let engineEnd: Void = engine.shutDown()
        async let mqttEnd: Void = mqtt.stop()
        _ = await (workersEnd, engineEnd, mqttEnd)
        await sightings.end()
        await webhooks.stop()
        await socket.close()
        await store.close()
    }

    /// Tells the engine when the addresses of this machine change.
    private func followHostNetwork() async {
        guard hostNetwork.isKnown else { return }
        while (try? await Task.sleep(for: HostNetwork.interval)) != nil {
            if await hostNetwork.refresh() { await engine.wake() }
        }
    }

    private func handle(_ event: EngineEvent) async {
        switch event {
        case .ready:
            await workers.update()
        case .lost(let exit):
            // Hooks of an engine that was killed are still there: they belong to nobody now.
            socket?.dropConnections()
            if store.current.settings.engine.enabled {
                await demandCoordinator.engineLost()
            } else {
                await demandCoordinator.clear()
            }
            if let exit { await store.record(kind: "engine", "The engine stopped: \(exit). It is started again.") }
        }
    }

    /// Ends what goes on although who asked for it may not have it any more.
    private func accessChanged() async {
        feed.wakeFollowers()
        await media.accessChanged()
    }

    // MARK: Putting into effect

    /// Makes engine and workers what the store says.
    /// - Returns: what is not in effect, as a sentence.
    @discardableResult
    func apply() async -> CodedMessage? {
        await engine.wake()
        await engine.settle()
        await workers.update()
        guard store.current.settings.engine.enabled else { return nil }
        if await engine.phase == .running {
            return await engine.lastError.map {
                CodedMessage(
                    "saved_not_in_effect", "The change was saved, but the engine goes on as before. \($0.text)",
                    ["reason": $0.json])
            }
        }
        let hint =
            await engine.phase == .downloading
            ? CodedMessage("engine_downloads", "MediaMTX is being downloaded.")
            : CodedMessage("being_started", "It is being started.")
        let reason = await engine.lastError ?? hint
        return CodedMessage(
            "saved_without_engine", "The change was saved, but the engine is not running. \(reason.text)",
            ["reason": reason.json])
    }

    /// The same of a change to one transmission; viewers may miss something of it with the engine that runs.
    func apply(_ transmission: Transmission) async -> CodedMessage? {
        if let warning = await apply() { return warning }
        return await engine.hlsWarning(transmission)
    }
}
