import StreamModel

/// What is known of a worker: what it reported of what it was asked for, and how it goes.
struct WorkerState: Sendable {
    /// What the worker may speak of.
    private struct Known {
        var renditions: Set<String>
        var cameras: [String: Camera]
        var transmissions: Set<String>
        /// By their id, the ids of their steps.
        var pipelines: [String: Set<String>]
        /// Of active destinations, their keys.
        var destinations: Set<String>

        init(_ configuration: WorkerConfiguration) {
            renditions = Set(configuration.renditions.map(\.id))
            cameras = Dictionary(configuration.cameras.map { ($0.id, $0) }) { first, _ in first }
            transmissions = Set(configuration.transmissions.map(\.id))
            pipelines = Dictionary(
                configuration.pipelines.map { ($0.id, Set($0.graph.nodes.map(\.id))) },
                uniquingKeysWith: { first, _ in first })
            destinations = Set(
                configuration.transmissions.flatMap { transmission in
                    transmission.activeDestinations.map { "\(transmission.id):\($0.id)" }
                })
        }

        func knows(_ report: FindingReport) -> Bool {
            pipelines[report.pipelineID]?.contains(report.nodeID) == true && cameras[report.cameraID] != nil
        }
    }

    var pid: Int?
    private var known: Known
    private(set) var renditions: [String: RenditionStatus] = [:]
    private(set) var cameras: [String: CameraStatus] = [:]
    /// By the destination's key.
    private(set) var destinations: [String: DestinationStatus] = [:]
    /// What the steps of pipelines that run have found last, by pipeline and step.
    private(set) var findings: [String: [String: FindingReport]] = [:]
    /// The same in a lasting order.
    var findingReports: [FindingReport] {
        findings.values.flatMap(\.values).sorted { ($0.pipelineID, $0.nodeID) < ($1.pipelineID, $1.nodeID) }
    }

    /// What each camera sent when it was read last, kept for the next process.
    private(set) var cameraCodecs: [String: String] = [:]
    /// How each camera had to be read last.
    private(set) var cameraAccess: [String: CameraAccess] = [:]
    /// What sound each camera sent then, as the worker described it.
    private(set) var cameraSounds: [String: String] = [:]
    /// The writer that each transmission shows.
    private(set) var activeWriters: [String: String] = [:]
    var restartCount = 0
    /// Why it ended last, as a sentence; nil while all is well.
    var lastError: CodedMessage?
    var isPausing = false
    /// Of the process that runs or ran last.
    var log: ChildLog?

    init(of configuration: WorkerConfiguration) { known = Known(configuration) }

    /// Keeps what a step of its own found.
    /// - Returns: the same, bounded; nil of another step.
    mutating func take(_ report: FindingReport) -> FindingReport? {
        guard known.knows(report) else { return nil }
        let report = report.bounded
        findings[report.pipelineID, default: [:]][report.nodeID] = report.isOver ? nil : report
        return report
    }

    mutating func take(_ event: WorkerEvent) {
        switch event {
        case .camera(let status):
            guard known.cameras[status.cameraID] != nil else { return }
            let status = status.bounded
            cameras[status.cameraID] = status
            if let codec = status.codec { cameraCodecs[status.cameraID] = codec }
            if let access = status.access { cameraAccess[status.cameraID] = access }
            if let sound = status.sound { cameraSounds[status.cameraID] = sound }
        case .rendition(let status):
            guard known.renditions.contains(status.id) else { return }
            renditions[status.id] = status.bounded
            if status.state == .live || status.state == .placeholder { lastError = nil }
        case .destination(let status):
            guard known.destinations.contains(status.key) else { return }
            destinations[status.key] = status.bounded
            if status.state == .sending { lastError = nil }
        case .finding(let report): _ = take(report)
        case .activeWriter(let transmissionID, let writerID):
            guard known.transmissions.contains(transmissionID) else { return }
            activeWriters[transmissionID] = writerID.map(WorkerClaims.writer)
        // Which process it is, the kernel says.
        case .ready, .cameraTested, .stillTaken: break
        }
    }

    /// The process is gone, and what it said with it.
    mutating func processEnded() {
        pid = nil
        renditions = [:]
        cameras = [:]
        destinations = [:]
        findings = [:]
        activeWriters = [:]
    }

    /// The configuration with what is known of its cameras.
    func completing(_ configuration: WorkerConfiguration) -> WorkerConfiguration {
        var result = configuration
        result.cameraCodecs = cameraCodecs
        result.cameraAccess = cameraAccess
        result.cameraSounds = cameraSounds
        return result
    }

    /// The worker has another configuration now: what is not in it is forgotten.
    mutating func configure(_ configuration: WorkerConfiguration) {
        let before = known.cameras
        known = Known(configuration)
        renditions = renditions.filter { known.renditions.contains($0.key) }
        cameras = cameras.filter { known.cameras[$0.key] != nil }
        destinations = destinations.filter { known.destinations.contains($0.key) }
        findings = findings.mapValues { reports in reports.filter { known.knows($0.value) } }.filter {
            !$0.value.isEmpty
        }
        // What is known of a camera holds for its address only.
        let sameAddress = Set(
            known.cameras.filter { id, camera in
                before[id].map { $0.url == camera.url && $0.transport == camera.transport } ?? false
            }.keys)
        let sameSound = sameAddress.filter {
            before[$0]?.soundTrack == known.cameras[$0]?.soundTrack
                && before[$0]?.microphone == known.cameras[$0]?.microphone
        }
        cameraCodecs = cameraCodecs.filter { sameAddress.contains($0.key) }
        cameraAccess = cameraAccess.filter { sameAddress.contains($0.key) }
        cameraSounds = cameraSounds.filter { sameSound.contains($0.key) }
        activeWriters = activeWriters.filter { known.transmissions.contains($0.key) }
    }
}
