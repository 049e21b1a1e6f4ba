import Foundation
import StreamModel

extension StreamingService {
    /// Events that were seen, newest first: the answer of `GET /api/events/log`.
    ///
    /// - Parameter query: `{before, after, camera, kind, label, limit}`, as texts.
    /// - Throws: 422 for a wrong query.
    public func eventLog(query: JSONValue) async throws(ControlPlaneError) -> JSONValue {
        var query = try SightingQuery(query)
        let limit = query.limit
        // One more tells whether there are any.
        query.limit += 1
        let found: [Sighting]
        do {
            found = try await sightings.sightings(query)
        } catch {
            throw ConfigurationStore.controlPlaneError(error)
        }
        let page = found.prefix(limit)
        return [
            "events": .array(page.map(\.json)),
            "next_before": JSONValue(found.count > limit ? page.last?.id : nil),
        ]
    }

    /// The picture of an event.
    ///
    /// - Parameters:
    ///   - credentials: those of any output of the transmission that showed it, where its own still asks for them.
    ///   - address: of the client; wrong credentials are counted by it.
    /// - Throws: 401 for missing or wrong credentials, 404, 429.
    public func eventStill(
        id: String, credentials: ReadCredentials?, address: String
    ) async throws(ControlPlaneError) -> Data {
        guard let number = Int(id) else { throw .eventPictureNotFound }
        let found: (sighting: Sighting, jpeg: Data)?
        do {
            found = try await sightings.still(of: number)
        } catch {
            throw ConfigurationStore.controlPlaneError(error)
        }
        guard let found else { throw .eventPictureNotFound }
        if let transmission = found.sighting.place.transmissionID.flatMap(store.current.transmission) {
            try authorize(credentials, from: address, toSee: transmission)
        } else if accounts.mode == .open {
            // Whether it asked for a password, nobody knows any more.
            throw .eventPictureNotFound
        }
        return found.jpeg
    }

    /// Removes all events that are over.
    public func clearEventLog() async throws(ControlPlaneError) {
        do {
            try await sightings.removeEnded()
        } catch {
            throw ConfigurationStore.controlPlaneError(error)
        }
        // What was seen in it is not known any more.
        mqtt.noteChange()
    }

    /// What followers are told of events: that there are others, and those that go on.
    func eventsPart() async -> JSONValue {
        let open = await sightings.open
        return [
            "version": .integer(await sightings.version),
            "open": .array(open.prefix(Self.openEventLimit).map(\.json)),
        ]
    }

    private static let openEventLimit = 100

    /// Takes the picture that a transmission shows, if it is that of the pipeline.
    func pictureOfEvent(transmissionID: String, pipelineName: String) async -> Data? {
        let key = StillCache.Key(transmissionID: transmissionID, maximumWidth: SightingRecorder.pictureWidth)
        guard let still = try? await stills.still(key, maximumAge: .zero), still.state == .live else { return nil }
        for (_, state) in await workers.states {
            guard let writer = state.activeWriters[transmissionID] else { continue }
            let sinks = store.current.pipelines.first { $0.name == pipelineName }?.graph.nodes ?? []
            return sinks.contains { WorkerClaims.writer("\(pipelineName):\($0.id)") == writer } ? still.jpeg : nil
        }
        return nil
    }
}

extension StoredConfiguration {
    /// Where a step of a pipeline that looks at a camera stands; nil when there is no such step.
    func place(of source: Observation.Source) -> SightingPlace? {
        guard let pipeline = pipeline(source.pipelineID), let camera = camera(source.cameraID),
            pipeline.graph.cameraIDs.contains(camera.id),
            let node = pipeline.graph.nodes.first(where: { $0.id == source.nodeID }),
            // What is followed after it is told there, thing by thing.
            node.operator != VisionDetectConfig.operatorName || !pipeline.graph.isFollowed(after: node.id)
        else { return nil }
        return SightingPlace(
            cameraID: camera.id, cameraName: camera.name, pipelineID: pipeline.id, pipelineName: pipeline.name,
            transmissionID: pipeline.graph.firstTransmission(after: source.nodeID))
    }
}

extension PipelineGraph {
    /// The first transmission that is reached from a node, by its id.
    fileprivate func firstTransmission(after id: String) -> String? {
        first(after: id) { $0.operator == PublishVideoConfig.operatorName }
            .map { PublishVideoConfig(of: $0).transmissionID }
    }

    /// Whether a step after a node follows what is found.
    fileprivate func isFollowed(after id: String) -> Bool {
        first(after: id) { $0.operator == VisionTrackConfig.operatorName } != nil
    }

    /// The first step that is reached from a node and fits.
    private func first(after id: String, where fits: (PipelineNode) -> Bool) -> PipelineNode? {
        var seen: Set<String> = [id]
        var waiting = [id]
        while !waiting.isEmpty {
            let current = waiting.removeFirst()
            if let node = nodes.first(where: { $0.id == current }), fits(node) { return node }
            waiting += edges.filter { $0.from.node == current }.map(\.to.node).filter { seen.insert($0).inserted }
        }
        return nil
    }
}

extension ControlPlaneError {
    fileprivate static let eventPictureNotFound = Self.notFound(
        CodedMessage("event_picture_gone", "There is no picture of such an event."))
}
