import StreamModel

/// What an island has to run, given its configuration and what is wanted of it.
struct IslandPlan: Sendable, Equatable {
    /// Cameras that are read and decoded, by id.
    var cameras: [String: CameraSettings] = [:]
    /// By id.
    var pipelines: [String: PipelinePlan] = [:]
    /// By id.
    var transmissions: [String: Transmission] = [:]
    /// Whether a transmission's pictures can come straight from a camera, by the transmission's id.
    var copyPaths: [String: CopyPath] = [:]
    /// Renditions that are encoded, by id.
    var renditions: [String: RenditionSpec] = [:]

    /// What decides whether a running pipeline has to be replaced: not when it was changed last.
    struct PipelinePlan: Sendable, Equatable {
        var pipeline: Pipeline
        /// The transmissions that exist: a pipeline is joined anew when one that it publishes into appears.
        var transmissions: Set<String>

        static func == (a: Self, b: Self) -> Bool {
            // The name is a part of the writer's identity.
            a.pipeline.name == b.pipeline.name && a.pipeline.graph == b.pipeline.graph
                && a.transmissions == b.transmissions
        }
    }

    init() {}

    /// - Parameters:
    ///   - demand: the ids of the renditions that somebody wants; others than the configured are ignored.
    ///   - pictured: the ids of the transmissions whose pictures are wanted, with or without a rendition.
    init(_ configuration: WorkerConfiguration, demand: Set<String>, pictured: Set<String> = []) {
        for transmission in configuration.transmissions { transmissions[transmission.id] = transmission }
        for spec in configuration.renditions
        where demand.contains(spec.id) && transmissions[spec.transmissionID] != nil { renditions[spec.id] = spec }

        let watched = pictured.union(renditions.values.map(\.transmissionID))
        for pipeline in configuration.pipelines where pipeline.enabled {
            let published = pipeline.graph.transmissionIDs
            guard pipeline.run == .always || !published.isDisjoint(with: watched) else { continue }
            pipelines[pipeline.id] = PipelinePlan(
                pipeline: pipeline, transmissions: published.intersection(transmissions.keys))
        }
        let needed = pipelines.values.reduce(into: Set<String>()) { $0.formUnion($1.pipeline.graph.cameraIDs) }
        for camera in configuration.cameras where needed.contains(camera.id) {
            cameras[camera.id] = CameraSettings(camera)
        }
        let running = configuration.pipelines.filter { pipelines[$0.id] != nil }
        for id in transmissions.keys {
            copyPaths[id] = CopyPath(to: id, pipelines: running, cameras: cameras)
        }
    }
}

/// How one plan becomes the next, thing by thing: what is equal in both goes on undisturbed.
struct PlanDifference<Value> {
    /// Ids of what runs and must end, be it gone or changed.
    var stopped: Set<String>
    /// What must start, be it new or changed.
    var started: [String: Value]

    init(from old: [String: Value], to new: [String: Value], isSame: (Value, Value) -> Bool) {
        func isKept(_ id: String) -> Bool {
            guard let before = old[id], let after = new[id] else { return false }
            return isSame(before, after)
        }
        stopped = Set(old.keys.filter { !isKept($0) })
        started = new.filter { !isKept($0.key) }
    }
}
