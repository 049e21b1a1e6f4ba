import Crypto
import Foundation
import StreamModel

/// Where things are published.
struct MQTTTopics: Hashable, Sendable {
    var prefix: String
    var discoveryPrefix: String
    /// Of this server, the same after each start.
    var serverID: String

    /// `online`, or `offline`.
    var status: String { "\(prefix)/status" }
    /// Events in the form that Frigate gives them.
    var events: String { "\(prefix)/events" }

    func motion(_ cameraID: String) -> String { "\(prefix)/\(Self.key(cameraID))/motion" }
    func object(_ cameraID: String, _ label: String) -> String {
        "\(prefix)/\(Self.key(cameraID))/object/\(Self.key(label))"
    }
    func event(_ cameraID: String) -> String { "\(prefix)/\(Self.key(cameraID))/event" }
    func image(_ cameraID: String) -> String { "\(prefix)/\(Self.key(cameraID))/image" }

    /// What everything of this server is called by in Home Assistant.
    var node: String { "toposync_\(serverID)" }

    /// Where an entity is described (Home Assistant, "MQTT discovery").
    func discovery(_ component: String, _ object: String) -> String {
        "\(discoveryPrefix)/\(component)/\(node)/\(object)/config"
    }
    /// The same of all entities of this server.
    var allDiscovery: String { "\(discoveryPrefix)/+/\(node)/+/config" }
    /// Where Home Assistant says that it has started, whatever the prefix of discovery.
    static let birth = "\(MQTTSettings.homeAssistant)/status"

    /// A level of a topic, which is part of an id in Home Assistant too: letters, digits, `_` and `-`. What has others is
    /// called by its hash.
    static func key(_ text: String) -> String {
        let key = text.replacing(" ", with: "_")
        let isPlain = key.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == "-") }
        if isPlain, !key.isEmpty, key.utf8.count <= 64 { return key }
        return "x" + Array(SHA256.hash(data: Data(text.utf8)).prefix(8)).hexadecimal
    }
}
