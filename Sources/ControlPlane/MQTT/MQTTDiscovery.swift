import Foundation
import StreamModel

/// A camera of which events are published.
struct MQTTCamera: Hashable, Sendable {
    var id: String
    var name: String
    var seesMotion = false
    var seesThings = false
    /// Of things that are looked for by name, or were seen; in small letters, as models write them in different ways.
    var labels: Set<String> = []

    /// Entities for labels at most: a model may know thousands.
    static let labelLimit = 200
}

/// This server, as Home Assistant shows it.
struct MQTTServer: Hashable, Sendable {
    var version: String
    /// Where its pages are; nil where nobody else reaches them.
    var pageURL: String?
}

/// How Home Assistant is told what there is (its "MQTT discovery"): one message for each entity.
struct MQTTDiscovery: Hashable, Sendable {
    var topics: MQTTTopics
    var server: MQTTServer

    /// The server's own entity, which its cameras' devices hang on.
    var ownEntity: (topic: String, payload: Data) {
        var members = entity("connection", name: "Connection", device: serverDevice)
        members["device_class"] = "connectivity"
        members["entity_category"] = "diagnostic"
        members["state_topic"] = .string(topics.status)
        members["payload_on"] = "online"
        members["payload_off"] = "offline"
        members["availability_topic"] = nil
        return (topics.discovery("binary_sensor", "connection"), JSONValue.object(members).data)
    }

    /// The entities of a camera, by their topics.
    func entities(of camera: MQTTCamera) -> [String: Data] {
        let key = MQTTTopics.key(camera.id)
        let device = device(of: camera)
        var result: [String: Data] = [:]
        func add(_ component: String, _ object: String, _ name: String, _ others: [String: JSONValue]) {
            let members = entity("\(key)_\(object)", name: name, device: device).merging(others) { $1 }
            result[topics.discovery(component, "\(key)_\(object)")] = JSONValue.object(members).data
        }
        if camera.seesMotion {
            add(
                "binary_sensor", "motion", "Motion",
                ["device_class": "motion", "state_topic": .string(topics.motion(camera.id))])
        }
        for label in camera.labels.sorted().prefix(MQTTCamera.labelLimit) {
            add(
                "binary_sensor", "object_\(MQTTTopics.key(label))", label.prefix(1).uppercased() + label.dropFirst(),
                ["device_class": "occupancy", "state_topic": .string(topics.object(camera.id, label))])
        }
        guard camera.seesMotion || camera.seesThings else { return result }
        add(
            "event", "event", "Event",
            [
                "state_topic": .string(topics.event(camera.id)),
                "event_types": .array(EventKind.allCases.map { .string($0.rawValue) }),
            ])
        add(
            "image", "image", "Last event",
            ["image_topic": .string(topics.image(camera.id)), "content_type": "image/jpeg"])
        return result
    }

    private func entity(_ object: String, name: String, device: JSONValue) -> [String: JSONValue] {
        [
            "name": .string(name), "unique_id": .string("\(topics.node)_\(object)"),
            "availability_topic": .string(topics.status), "device": device,
            "origin": ["name": "Toposync Streaming", "sw_version": .string(server.version)],
        ]
    }

    private var serverDevice: JSONValue {
        var members: [String: JSONValue] = [
            "identifiers": [.string(topics.node)], "name": "Toposync Streaming", "manufacturer": "Toposync",
            "model": "Streaming server", "sw_version": .string(server.version),
        ]
        members["configuration_url"] = server.pageURL.map(JSONValue.string)
        return .object(members)
    }

    private func device(of camera: MQTTCamera) -> JSONValue {
        var members: [String: JSONValue] = [
            "identifiers": [.string("\(topics.node)_\(MQTTTopics.key(camera.id))")], "name": .string(camera.name),
            "manufacturer": "Toposync", "model": "Camera", "via_device": .string(topics.node),
        ]
        members["configuration_url"] = server.pageURL.map(JSONValue.string)
        return .object(members)
    }
}
