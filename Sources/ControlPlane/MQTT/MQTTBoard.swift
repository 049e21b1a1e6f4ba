import Foundation
import MQTTKit
import StreamModel

/// What is published now, and what a change means for it: a value without clock, thread and broker.
struct MQTTBoard: Sendable {
    let discovery: MQTTDiscovery
    /// Whether Home Assistant is told what there is.
    let isAnnouncing: Bool

    private var cameras: [String: MQTTCamera] = [:]
    /// What goes on.
    private var open: [Int: Sighting] = [:]
    /// What is retained of each camera, by topic.
    private var shown: [String: [String: Data]] = [:]

    init(discovery: MQTTDiscovery, isAnnouncing: Bool) {
        self.discovery = discovery
        self.isAnnouncing = isAnnouncing
    }

    var topics: MQTTTopics { discovery.topics }

    /// What the broker says of us when we don't any more.
    static func will(_ topics: MQTTTopics) -> MQTTMessage { MQTTMessage(topics.status, "offline", isRetained: true) }

    // MARK: What there is

    /// These are the cameras now.
    mutating func set(_ cameras: [MQTTCamera]) -> [MQTTMessage] {
        let old = self.cameras
        self.cameras = Dictionary(cameras.map { ($0.id, $0) }) { first, _ in first }
        for sighting in open.values where self.cameras[sighting.place.cameraID] != nil { notice(sighting) }
        let gone = old.keys.filter { self.cameras[$0] == nil }.sorted()
        return gone.flatMap { id in
            refresh(id) + [MQTTMessage(topics.image(id), Data(), isRetained: true)]
        } + cameras.flatMap { refresh($0.id) }
    }

    /// Everything that is retained but the pictures, for a broker or a Home Assistant that knows nothing of it; that we are there
    /// comes last, when the states are known.
    var everything: [MQTTMessage] {
        let own = discovery.ownEntity
        let announcement = isAnnouncing ? [MQTTMessage(own.topic, own.payload, isRetained: true)] : []
        return announcement + shown.keys.sorted().flatMap { difference(from: [:], to: shown[$0] ?? [:]) }
            + [MQTTMessage(topics.status, "online", isRetained: true)]
    }

    /// What takes away everything that is retained: first the entities of Home Assistant, then what they show.
    var withdrawal: [MQTTMessage] {
        let own = isAnnouncing ? [discovery.ownEntity.topic] : []
        let ofCameras = shown.values.flatMap(\.keys).sorted()
        let all =
            own + ofCameras.filter(isDiscovery) + ofCameras.filter { !isDiscovery($0) }
            + cameras.keys.sorted().map(topics.image)
        return all.map { MQTTMessage($0, Data(), isRetained: true) }
    }

    /// Whether an entity was announced by us once, and is no more.
    func isLeftOver(_ topic: String) -> Bool {
        guard topic.hasPrefix(topics.discoveryPrefix + "/"), topic.hasSuffix("/config"),
            topic.contains("/\(topics.node)/")
        else { return false }
        return !(isAnnouncing && topic == discovery.ownEntity.topic) && !shown.values.contains { $0[topic] != nil }
    }

    func has(_ cameraID: String) -> Bool { cameras[cameraID] != nil }

    // MARK: What happens

    mutating func take(_ change: SightingTracker.Change) -> [MQTTMessage] {
        switch change {
        case .opened(let sighting):
            guard open.updateValue(sighting, forKey: sighting.id) == nil else { return [] }
            notice(sighting)
            return refresh(sighting.place.cameraID) + [event(sighting), news("new", sighting, sighting)]
        case .updated(let sighting):
            guard let before = open[sighting.id] else { return [] }
            open[sighting.id] = sighting
            guard sighting.score > before.score || sighting.hasStill != before.hasStill else { return [] }
            return [news("update", before, sighting)]
        case .closed(let sighting):
            guard let before = open.removeValue(forKey: sighting.id) else { return [] }
            return refresh(sighting.place.cameraID) + [news("end", before, sighting)]
        }
    }

    /// This is what goes on, whatever was told before.
    mutating func take(open sightings: [Sighting]) -> [MQTTMessage] {
        let ids = Set(sightings.map(\.id))
        let over = open.values.filter { !ids.contains($0.id) }.sorted { $0.id < $1.id }
        return over.flatMap { sighting in
            var ended = sighting
            ended.endedAtUnix = sighting.seenAtUnix
            return take(.closed(ended))
        } + sightings.sorted { $0.id < $1.id }.flatMap { take(.opened($0)) }
    }

    /// What is seen there was not known to be looked for.
    private mutating func notice(_ sighting: Sighting) {
        let id = sighting.place.cameraID
        var camera = cameras[id] ?? MQTTCamera(id: id, name: sighting.place.cameraName)
        switch sighting.kind {
        case .motion: camera.seesMotion = true
        case .object:
            camera.seesThings = true
            camera.labels.formUnion([sighting.label?.lowercased()].compactMap(\.self))
        }
        cameras[id] = camera
    }

    // MARK: What is retained

    private mutating func refresh(_ cameraID: String) -> [MQTTMessage] {
        let old = shown[cameraID] ?? [:]
        let new = cameras[cameraID].map { camera in
            (isAnnouncing ? discovery.entities(of: camera) : [:]).merging(states(of: camera)) { $1 }
        }
        shown[cameraID] = new
        return difference(from: old, to: new ?? [:])
    }

    private func states(of camera: MQTTCamera) -> [String: Data] {
        let now = open.values.filter { $0.place.cameraID == camera.id }
        func state(_ isOn: Bool) -> Data { Data((isOn ? "ON" : "OFF").utf8) }
        var result: [String: Data] = [:]
        if camera.seesMotion { result[topics.motion(camera.id)] = state(now.contains { $0.kind == .motion }) }
        let labels = Set(now.compactMap { $0.label?.lowercased() })
        for label in camera.labels.sorted().prefix(MQTTCamera.labelLimit) {
            result[topics.object(camera.id, label)] = state(labels.contains(label))
        }
        return result
    }

    private func isDiscovery(_ topic: String) -> Bool { topic.hasPrefix(topics.discoveryPrefix + "/") }

    /// Descriptions of entities before their states, and what is gone first.
    private func difference(from old: [String: Data], to new: [String: Data]) -> [MQTTMessage] {
        let gone = old.keys.filter { new[$0] == nil }.sorted()
        let changed = new.keys.filter { old[$0] != new[$0] }
        let ordered = changed.filter(isDiscovery).sorted() + changed.filter { !isDiscovery($0) }.sorted()
        return gone.map { MQTTMessage($0, Data(), isRetained: true) }
            + ordered.map { MQTTMessage($0, new[$0] ?? Data(), isRetained: true) }
    }

    // MARK: What is news

    /// For Home Assistant's event entity.
    private func event(_ sighting: Sighting) -> MQTTMessage {
        let json: JSONValue = [
            "event_type": .string(sighting.kind.rawValue), "id": .integer(sighting.id),
            "label": JSONValue(sighting.label), "score": .number(sighting.score),
            "pipeline": .string(sighting.place.pipelineName), "started_at_unix": .number(sighting.startedAtUnix),
        ]
        return MQTTMessage(topics.event(sighting.place.cameraID), json.data, isRetained: false)
    }

    /// As Frigate writes its topic `frigate/events`.
    private func news(_ type: String, _ before: Sighting, _ after: Sighting) -> MQTTMessage {
        let json: JSONValue = ["type": .string(type), "before": frigate(before), "after": frigate(after)]
        return MQTTMessage(topics.events, json.data, isRetained: false)
    }

    private func frigate(_ sighting: Sighting) -> JSONValue {
        [
            "id": .string(String(sighting.id)), "camera": .string(sighting.place.cameraName),
            "camera_id": .string(sighting.place.cameraID), "label": .string(sighting.label ?? sighting.kind.rawValue),
            "sub_label": .null, "score": .number(sighting.score), "top_score": .number(sighting.score),
            "bbox01": sighting.box?.json ?? .null, "start_time": .number(sighting.startedAtUnix),
            "end_time": JSONValue(sighting.endedAtUnix), "has_snapshot": .bool(sighting.hasStill), "has_clip": false,
            "false_positive": false, "current_zones": [], "entered_zones": [],
        ]
    }
}

extension StoredConfiguration {
    /// The cameras that pipelines look at for something.
    ///
    /// - Parameter seen: labels of things that were seen, by camera.
    func mqttCameras(seen: [String: Set<String>]) -> [MQTTCamera] {
        var found: [String: MQTTCamera] = [:]
        for pipeline in pipelines where pipeline.enabled {
            for camera in cameras where pipeline.graph.cameraIDs.contains(camera.id) {
                var looked = found[camera.id] ?? MQTTCamera(id: camera.id, name: camera.name)
                for node in pipeline.graph.nodes {
                    if node.operator == MotionGateConfig.operatorName { looked.seesMotion = true }
                    guard node.operator == VisionDetectConfig.operatorName else { continue }
                    looked.seesThings = true
                    looked.labels.formUnion(VisionDetectConfig(of: node).categories)
                }
                found[camera.id] = looked
            }
        }
        return cameras.compactMap { camera in
            guard var looked = found[camera.id], looked.seesMotion || looked.seesThings else { return nil }
            if looked.seesThings { looked.labels.formUnion((seen[camera.id] ?? []).map { $0.lowercased() }) }
            return looked
        }
    }
}
