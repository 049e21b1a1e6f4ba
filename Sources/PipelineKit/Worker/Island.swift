import Logging
import MediaKit
import NIOCore
import StreamModel
import StreamProtocols

/// Everything that a worker runs, kept as its configuration and demand say.
actor Island {
    private let eventLoop: any EventLoop
    private let mediaRoots: MediaRoots
    /// Where cameras of Home Assistant are read; nil where there is none.
    private var homeAssistant: Secret?
    private let logger: Logger
    private let events: EventSink
    private let encoders: EncoderDesk
    private let vision = VisionDesk()

    private var configuration = WorkerConfiguration(cameras: [], pipelines: [], transmissions: [], renditions: [])
    private var demand: Set<String> = []
    private var pictured: Set<String> = []
    private var plan = IslandPlan()
    private var isStopped = false

    private var cameras: [String: CameraReader] = [:]
    /// Those that sent a picture when they were read last, by their id.
    private var workedCameras: [String: CameraSettings] = [:]
    private var fanouts: [String: FrameFanout] = [:]
    private var pipelines: [String: PipelineRunner] = [:]
    private var transmissions: [String: TransmissionState] = [:]
    private var renditions: [String: Rendition] = [:]
    private var transcoders: [SoundOrigin: SoundTranscoder] = [:]
    /// Threads that were told to end, by what they run; whoever takes their place waits for them.
    private var endingCameras: [String: DedicatedThread] = [:]
    private var endingRenditions: [String: DedicatedThread] = [:]
    /// What says goodbye to destinations.
    private var endingPushes: [DedicatedThread] = []
    private var tests: [(thread: DedicatedThread, interrupt: InterruptFlag)] = []
    private var stills: [StillThread] = []

    init(eventLoop: any EventLoop, mediaRoots: MediaRoots, logger: Logger, events: @escaping EventSink) {
        self.eventLoop = eventLoop
        self.mediaRoots = mediaRoots
        self.logger = logger
        self.events = events
        encoders = EncoderDesk(logger: logger)
    }

    func configure(_ configuration: WorkerConfiguration) {
        self.configuration = configuration
        vision.use(configuration.vision)
        let configured = Set(configuration.cameras.map(\.id))
        workedCameras = workedCameras.filter { configured.contains($0.key) }
        follow()
    }

    /// - Parameters:
    ///   - renditions: the ids of all that are wanted from now on.
    ///   - transmissions: the ids of those whose pictures are wanted even without a rendition.
    func demand(_ renditions: Set<String>, _ transmissions: Set<String>) {
        demand = renditions
        pictured = transmissions
        follow()
    }

    func forceKeyframe(_ renditionID: String) {
        renditions[renditionID]?.forceKeyframe()
    }

    /// - Parameter json: the text of an object.
    func post(_ json: String, to transmissionID: String) {
        guard let metadata = PictureMetadata(json: Array(json.utf8)) else { return }
        transmissions[transmissionID]?.post(metadata)
    }

    func reachHomeAssistant(at address: Secret) { homeAssistant = address }

    func test(_ camera: Camera, requestID: String) {
        tests.removeAll { $0.thread.isFinished }
        guard !isStopped, tests.count < CameraTest.limit else {
            events(
                .cameraTested(
                    requestID: requestID,
                    CameraTestResult(
                        ok: false,
                        CodedMessage(
                            "camera_test_not_now", "The worker can't test a camera now; try again in a moment."))))
            return
        }
        let interrupt = InterruptFlag()
        let sources = PacketSources(mediaRoots: mediaRoots, homeAssistant: homeAssistant)
        let thread = DedicatedThread(name: "camera-test") { [events] in
            let test = CameraTest(camera, from: sources, interrupt: interrupt)
            events(.cameraTested(requestID: requestID, test.run()))
        }
        tests.append((thread, interrupt))
        _ = eventLoop.scheduleTask(in: .init(CameraTest.totalTime)) { interrupt.interrupt() }
    }

    /// The cameras of which a library does not return.
    func hangingCameras(at now: MonotonicInstant = .now) -> [String] {
        cameras.filter { $0.value.hangs(at: now) }.map(\.key).sorted()
    }

    /// Takes a picture of what a transmission shows, on a thread of its own.
    func takeStill(_ requestID: String, of transmissionID: String, maximumWidth: Int) {
        stills.removeAll { $0.thread.isFinished }
        guard !isStopped, let transmission = transmissions[transmissionID], stills.count < StillThread.limit else {
            events(.stillTaken(requestID: requestID, StillResult(failure: "The worker can't take a picture now.")))
            return
        }
        let isFed = plan.pipelines.values.contains { $0.transmissions.contains(transmissionID) }
        let encoding = configuration.transmissions.first { $0.id == transmissionID }?.servedOutputs.first?.encoding
        stills.append(
            StillThread(
                requestID, of: transmission, maximumWidth: maximumWidth, placeholder: encoding ?? .standard,
                patience: isFed ? StillThread.patience : .zero, events: events))
    }

    /// Ends everything, waiting no longer than `limit`. Nothing starts any more.
    func stop(within limit: Duration) async {
        isStopped = true
        follow()
        for test in tests { test.interrupt.interrupt() }
        for still in stills { still.stop() }
        let threads =
            Array(endingCameras.values) + Array(endingRenditions.values) + endingPushes + tests.map(\.thread)
            + stills.map(\.thread)
        let haveEnded = await finishes(within: limit) {
            for thread in threads { await thread.completion() }
        }
        if !haveEnded {
            logger.warning("Some of the cameras or encoders did not end in time.")
        }
    }

    // MARK: -

    /// Makes what runs follow the plan. Renditions start before cameras: the first picture that a viewer sees is the
    /// placeholder, while the camera is being opened.
    private func follow() {
        let new = isStopped ? IslandPlan() : IslandPlan(configuration, demand: demand, pictured: pictured)
        let old = plan
        plan = new

        let cameraChanges = PlanDifference(from: old.cameras, to: new.cameras, isSame: ==)
        let pipelineChanges = PlanDifference(from: old.pipelines, to: new.pipelines, isSame: ==)
        let renditionChanges = PlanDifference(from: old.renditions, to: new.renditions) { before, after in
            // Only the encoding makes another rendition; targets and rates come and go without disturbing it.
            before.encoding.withoutRates == after.encoding.withoutRates && before.transmissionID == after.transmissionID
        }

        for id in renditionChanges.stopped { stopRendition(id) }
        for id in pipelineChanges.stopped { pipelines.removeValue(forKey: id)?.stop() }
        for id in cameraChanges.stopped { stopCamera(id) }

        for (id, transmission) in new.transmissions { update(transmission, id: id) }
        transmissions = transmissions.filter { new.transmissions[$0.key] != nil }
        for (id, path) in new.copyPaths {
            transmissions[id]?.copyPath = path
            transmissions[id]?.expectedCodec = path.route.flatMap { configuration.cameraCodecs[$0.cameraID] }
                .flatMap(VideoCodec.init(libavName:))
        }
        followSounds(new)

        for (id, spec) in new.renditions {
            if renditionChanges.started[id] != nil {
                start(spec)
            } else {
                renditions[id]?.update(spec, terms: terms(of: spec))
            }
        }
        for (id, plan) in pipelineChanges.started {
            pipelines[id] = PipelineRunner(
                plan.pipeline, transmissions: transmissions, vision: vision, events: events)
        }
        connectCameras(to: new)
        for camera in cameraChanges.started.values { start(camera) }
    }

    /// Whose sound it is that a transmission has: transmissions of one camera have the same.
    private enum SoundOrigin: Hashable {
        case camera(String)
        case transmission(String)
    }

    private func followSounds(_ plan: IslandPlan) {
        var wanted: [SoundOrigin: SoundTranscoder] = [:]
        for (id, transmission) in transmissions {
            let cameras = plan.pipelines.values.filter { $0.transmissions.contains(id) }
                .reduce(into: Set<String>()) { $0.formUnion($1.pipeline.graph.cameraIDs) }
            transmission.expectedSound = expectedSound(of: cameras, plan)
            let origin = cameras.count == 1 ? cameras.first.map(SoundOrigin.camera) : nil
            let key = origin ?? .transmission(id)
            let transcoder = wanted[key] ?? transcoders[key] ?? SoundTranscoder(logger: logger)
            wanted[key] = transcoder
            transmission.transcoder = transcoder
        }
        transcoders = wanted
    }

    /// What the sound of a transmission's camera was when it was read last. Of several, it is not known which will be shown.
    private func expectedSound(of cameras: Set<String>, _ plan: IslandPlan) -> KnownSound {
        guard let camera = cameras.first, cameras.count == 1 else { return cameras.isEmpty ? .none : .unknown }
        return plan.cameras[camera]?.isDemo == true
            ? .format(DemoTone.format) : KnownSound(text: configuration.cameraSounds[camera])
    }

    private func update(_ transmission: Transmission, id: String) {
        if let state = transmissions[id] {
            state.update(transmission)
        } else {
            transmissions[id] = TransmissionState(transmission, events: events, logger: logger)
        }
    }

    private func start(_ spec: RenditionSpec) {
        guard let transmission = transmissions[spec.transmissionID] else { return }
        renditions[spec.id] = Rendition(
            spec, terms: terms(of: spec), transmission: transmission, encoders: encoders, eventLoop: eventLoop,
            after: endingRenditions.removeValue(forKey: spec.id), logger: logger, events: events)
    }

    private func terms(of spec: RenditionSpec) -> CopyTerms {
        let transmission = plan.transmissions[spec.transmissionID]
        return CopyTerms(
            spec.encoding, outputs: transmission?.enabledOutputs ?? [],
            destinations: transmission?.activeDestinations ?? [], webRTC: spec.webRTC)
    }

    private func stopRendition(_ id: String) {
        guard let rendition = renditions.removeValue(forKey: id) else { return }
        rendition.stop()
        endingRenditions = endingRenditions.filter { !$0.value.isFinished }
        endingRenditions[id] = rendition.thread
        endingPushes = endingPushes.filter { !$0.isFinished } + rendition.sinkThreads
    }

    private func start(_ camera: CameraSettings) {
        let hasWorked = configuration.cameraAccess[camera.id] != nil || workedCameras[camera.id] == camera
        var camera = camera
        camera.access = configuration.cameraAccess[camera.id]
        guard let fanout = fanouts[camera.id] else { return }
        cameras[camera.id] = CameraReader(
            camera, fanout: fanout, after: endingCameras.removeValue(forKey: camera.id), hasWorked: hasWorked,
            environment: .live(eventLoop: eventLoop, mediaRoots: mediaRoots, homeAssistant: homeAssistant),
            logger: logger, events: events)
    }

    private func stopCamera(_ id: String) {
        guard let camera = cameras.removeValue(forKey: id) else { return }
        camera.stop()
        // Its address is right, which whoever reads it next has to know.
        var settings = camera.settings
        settings.access = nil
        workedCameras[id] = camera.hasWorked ? settings : nil
        endingCameras = endingCameras.filter { !$0.value.isFinished }
        endingCameras[id] = camera.thread
    }

    /// Joins each camera with the pipelines that run on it, without disturbing the camera.
    private func connectCameras(to plan: IslandPlan) {
        fanouts = fanouts.filter { plan.cameras[$0.key] != nil }
        for id in plan.cameras.keys {
            let fanout = fanouts[id] ?? FrameFanout()
            fanouts[id] = fanout
            fanout.set(
                pipelines.values.flatMap { pipeline in
                    pipeline.sources.filter { $0.cameraID == id }.map { consumer(of: $0, in: pipeline, plan) }
                })
        }
    }

    /// A pipeline needs frames, unless all that it does is to bring the camera into one transmission: then it depends on
    /// whether the renditions of that pass coded pictures on.
    private func consumer(
        of source: PipelineRunner.Source, in runner: PipelineRunner, _ plan: IslandPlan
    ) -> FrameFanout.Consumer {
        var consumer = FrameFanout.Consumer(receive: { frame in
            let packet = Packet(frame: frame, cameraID: source.cameraID)
            for target in source.targets { target.receive(packet) }
        })
        consumer.hear = { signal in
            for target in source.targets { target.hear(signal) }
        }
        let fed = plan.copyPaths.filter {
            $0.value.route?.pipelineID == runner.pipeline.id && $0.value.route?.cameraID == source.cameraID
        }.compactMap { transmissions[$0.key] }
        guard !fed.isEmpty else { return consumer }
        let sinkCount = runner.pipeline.graph.nodes.count { $0.operator == PublishVideoConfig.operatorName }
        let feedsOthers = sinkCount > fed.count
        consumer.wantsFrames = { feedsOthers || fed.contains(where: \.wantsFrames) }
        consumer.copy = { packet in
            for transmission in fed { transmission.offer(packet) }
        }
        return consumer
    }
}
