/// Whether and where events are published by MQTT, and whether Home Assistant is told what there is.
public struct MQTTSettings: JSONModel, Confidential {
    public var enabled: Bool
    /// Of the broker; empty for the one that Home Assistant's Supervisor names.
    public var host: String
    public var port: Int
    public var tls: Bool
    /// A PEM file with the certificates that the broker's is checked against; empty for those of the system.
    public var caFile: String
    public var user: String
    /// Nil while reading an update means "keep the stored one".
    public var password: Secret?
    /// The first part of the topics of everything that is published.
    public var topicPrefix: String
    /// Whether Home Assistant makes entities by itself.
    public var discovery: Bool
    /// As in the settings of Home Assistant's own integration.
    public var discoveryPrefix: String

    public static let portRange = 1...65535
    /// The first part of the topics under which Home Assistant says how it is, whatever the prefix of discovery.
    public static let homeAssistant = "homeassistant"
    static let textLimit = 256
    static let prefixLimit = 128

    public init() {
        self.init(reading: ObjectReader([:], at: [], issues: IssueList()))
    }

    public init(reading reader: ObjectReader) {
        enabled = reader.bool("enabled", default: false)
        host = reader.string("host", default: "").trimmed
        port = reader.integer("port", in: Self.portRange, default: 1883)
        tls = reader.bool("tls", default: false)
        caFile = reader.string("ca_file", default: "").trimmed
        user = reader.string("user", default: "")
        password = reader.optionalSecret("password")
        reader.ignoreBool("password_set")
        topicPrefix = reader.string("topic_prefix", default: "toposync").trimmed
        discovery = reader.bool("discovery", default: true)
        discoveryPrefix = reader.string("discovery_prefix", default: Self.homeAssistant).trimmed
        reader.forbidUnknownMembers()
        if !host.isEmpty, let problem = MediaHost.problem(with: host) { reader.report(problem, at: "host") }
        if !caFile.isEmpty, !caFile.hasPrefix("/") || !Self.isPlain(caFile) {
            reader.report(
                CodedMessage("mqtt_ca_file", "Name the file by its full path, such as /ssl/ca.pem."), at: "ca_file")
        }
        if !Self.isPlain(user) { reader.report(Self.text, at: "user") }
        if let password, !Self.isPlain(password.exposed) { reader.report(Self.text, at: "password") }
        for (name, prefix) in [("topic_prefix", topicPrefix), ("discovery_prefix", discoveryPrefix)]
        where !Self.isPrefix(prefix) {
            reader.report(
                CodedMessage(
                    "mqtt_prefix",
                    "Write the first part of a topic, such as toposync or home/cameras: without +, # and $, and without / at "
                        + "its ends."), at: name)
        }
        // It would take our own state for its word that it starts, and so would everybody else.
        if [discoveryPrefix, Self.homeAssistant].contains(topicPrefix) {
            reader.report(
                CodedMessage(
                    "mqtt_prefix_taken",
                    "Home Assistant itself speaks under \(topicPrefix). Write another first part of our topics, such as "
                        + "toposync.",
                    ["prefix": .string(topicPrefix)]), at: "topic_prefix")
        }
    }

    private static let text = CodedMessage(
        "mqtt_text", "It has at most \(textLimit) characters, and none that can't be seen.",
        ["maximum": .integer(textLimit)])

    private static func isPlain(_ text: String) -> Bool {
        text.utf8.count <= textLimit && !text.unicodeScalars.contains { $0.properties.generalCategory == .control }
    }

    /// MQTT 3.1.1, 4.7: no wildcards, and none of the broker's own topics.
    private static func isPrefix(_ text: String) -> Bool {
        let levels = text.split(separator: "/", omittingEmptySubsequences: false)
        return text.utf8.count <= prefixLimit && isPlain(text) && !text.contains { "+#$".contains($0) }
            && levels.allSatisfy { !$0.isEmpty }
    }

    public func json(_ form: SecretForm) -> JSONValue {
        var members: [String: JSONValue] = [
            "enabled": .bool(enabled), "host": .string(host), "port": .integer(port), "tls": .bool(tls),
            "ca_file": .string(caFile), "user": .string(user), "topic_prefix": .string(topicPrefix),
            "discovery": .bool(discovery), "discovery_prefix": .string(discoveryPrefix),
        ]
        members.merge(form.password(password)) { $1 }
        return .object(members)
    }

    /// The settings with the password that an update left out taken from what is stored.
    func keepingSecrets(of stored: MQTTSettings) -> MQTTSettings {
        var result = self
        result.password = password.keeping(stored.password)
        return result
    }
}
