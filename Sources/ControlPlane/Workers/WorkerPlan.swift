import EngineContract
import StreamModel

/// What one worker is to run.
struct IslandPlan: Hashable, Sendable {
    var island: Island
    var configuration: WorkerConfiguration
    /// It runs even when nobody watches.
    var runsAlways: Bool

    var pipelineIDs: Set<String> { Set(configuration.pipelines.map(\.id)) }

    /// The renditions that feed any of the paths.
    func renditions(feeding paths: Set<String>) -> Set<String> {
        Set(configuration.renditions.filter { $0.targets.contains { paths.contains($0.path) } }.map(\.id))
    }

    /// The renditions that are sent to a destination, whether anybody watches or not.
    var pushedRenditions: Set<String> {
        Set(configuration.renditions.filter { !$0.destinations.isEmpty }.map(\.id))
    }
}

/// What all workers are to run, made of what users set up.
struct WorkerPlan: Hashable, Sendable {
    var islands: [IslandPlan] = []

    /// - Parameters:
    ///   - rtspPort: where the engine takes publishers.
    ///   - publishSecret: what their passwords, and those of who reads an input, are derived from.
    ///   - engine: `builtin` or `mediamtx`.
    ///   - vision: what is installed, for pipelines that look into pictures.
    init(
        _ stored: StoredConfiguration, rtspPort: Int, publishSecret: [UInt8], engine: EngineKind = .builtin,
        vision: VisionAssets = VisionAssets()
    ) {
        let transmissions = stored.servedTransmissions
        let served = Set(transmissions.map(\.id))
        let cameras = Set(stored.cameras.map(\.id))
        // What refers to something that is gone or elsewhere can't run here.
        let pipelines = stored.pipelines.filter { pipeline in
            pipeline.enabled && !pipeline.graph.transmissionIDs.isDisjoint(with: served)
                && pipeline.graph.cameraIDs.isSubset(of: cameras)
        }
        let islands = Island.islands(of: pipelines, transmissions)
        var placeOfPipeline: [String: Int] = [:]
        var placeOfTransmission: [String: Int] = [:]
        for (place, island) in islands.enumerated() {
            for id in island.pipelineIDs { placeOfPipeline[id] = place }
            for id in island.transmissionIDs { placeOfTransmission[id] = place }
        }
        let members = Dictionary(grouping: pipelines) { placeOfPipeline[$0.id] }
        let targets = Dictionary(grouping: transmissions) { placeOfTransmission[$0.id] }
        let readers = pipelines.reduce(into: [String: Set<Int>]()) { readers, pipeline in
            guard let place = placeOfPipeline[pipeline.id] else { return }
            for id in pipeline.graph.cameraIDs { readers[id, default: []].insert(place) }
        }
        var read: [Int: [Camera]] = [:]
        for camera in stored.cameras {
            let opened = camera.opened(rtspPort: rtspPort, publishSecret: publishSecret)
            for place in readers[camera.id] ?? [] { read[place, default: []].append(opened) }
        }
        self.islands = islands.enumerated().map { place, island in
            let members = members[place] ?? []
            let targets = targets[place] ?? []
            let forced = members.forcedCopies
            var configuration = WorkerConfiguration(
                cameras: read[place] ?? [], pipelines: members, transmissions: targets,
                renditions: targets.flatMap {
                    Self.renditions(
                        of: $0, rtspPort: rtspPort, publishSecret: publishSecret, engine: engine,
                        isCopyForced: forced.contains($0.id))
                })
            if members.contains(where: \.graph.looksIntoPictures) { configuration.vision = vision }
            return IslandPlan(
                island: island, configuration: configuration,
                runsAlways: members.contains { $0.run == .always })
        }
    }

    /// One rendition for each distinct encoding; outputs that differ only in access, sound or metadata share it and publish twice, and
    /// destinations are sent it where their settings agree.
    ///
    /// - Parameter isCopyForced: whether a pipeline has a camera's H.265 passed on to browsers.
    static func renditions(
        of transmission: Transmission, rtspPort: Int, publishSecret: [UInt8], engine: EngineKind = .builtin,
        isCopyForced: Bool = false
    ) -> [RenditionSpec] {
        var result: [RenditionSpec] = []
        var seen: Set<String> = []
        let outputs = transmission.servedOutputs
        let protocols = outputs.reduce(into: [String: Set<OutputProtocol>]()) {
            $0[$1.enginePath, default: []].insert($1.protocol)
        }
        let metadataPaths = transmission.metadataPaths
        for output in outputs where seen.insert(output.enginePath).inserted {
            let credentials = PublishCredentials(path: output.enginePath, secret: publishSecret)
            let target = PublishTarget(
                path: output.enginePath, host: "127.0.0.1", port: rtspPort, username: credentials.username,
                password: credentials.password,
                // The built-in engine fills the holes of a sound with silence.
                sound: PathSound(
                    output.audio, for: protocols[output.enginePath] ?? [], leavesHoles: engine == .mediamtx),
                metadata: metadataPaths.contains(output.enginePath))
            if let index = result.firstIndex(where: { $0.encoding == output.encoding }) {
                result[index].targets.append(target)
            } else {
                result.append(
                    RenditionSpec(
                        id: "\(transmission.id):\(output.enginePath)", transmissionID: transmission.id,
                        encoding: output.encoding, targets: [target]))
            }
        }
        let h264Paths = engine == .mediamtx ? [:] : transmission.h264Paths(isCopyForced: isCopyForced)
        let rest = setApart(h264Paths, of: &result, publishSecret: publishSecret)
        addDestinations(of: transmission, isCopyForced: isCopyForced, to: &result)
        return result + rest
    }
}
