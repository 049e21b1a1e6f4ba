import Foundation

/// What is published under a topic.
public struct MQTTMessage: Hashable, Sendable {
    public var topic: String
    /// Empty and retained takes away what was retained under the topic (MQTT 3.1.1, 3.3.1.3).
    public var payload: Data
    /// Whether the broker keeps it for those who come later.
    public var isRetained: Bool

    public init(_ topic: String, _ payload: Data, isRetained: Bool) {
        self.topic = topic
        self.payload = payload
        self.isRetained = isRetained
    }

    public init(_ topic: String, _ text: String, isRetained: Bool) {
        self.init(topic, Data(text.utf8), isRetained: isRetained)
    }
}
