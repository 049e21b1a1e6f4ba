import StreamModel

/// Why there is no connection with a broker, and what to do.
public struct MQTTProblem: Error, Hashable, Sendable, CustomStringConvertible {
    public let message: CodedMessage

    public var description: String { message.text }

    private init(message: CodedMessage) { self.message = message }

    static func unreachable(_ broker: MQTTBroker) -> Self {
        Self(
            message: CodedMessage(
                "mqtt_unreachable",
                "No MQTT broker answers at \(broker.name). Check the address and the port, and whether the broker runs.",
                ["broker": .string(broker.name)]))
    }

    static func unknownHost(_ broker: MQTTBroker) -> Self {
        Self(
            message: CodedMessage(
                "mqtt_host_unknown", "There is no host '\(broker.host)'. Check the broker's address.",
                ["host": .string(broker.host)]))
    }

    static func silent(_ broker: MQTTBroker) -> Self {
        Self(
            message: CodedMessage(
                "mqtt_silent",
                "What listens at \(broker.name) does not speak MQTT. Check the port, and whether the broker wants TLS.",
                ["broker": .string(broker.name)]))
    }

    static func lost(_ broker: MQTTBroker) -> Self {
        Self(
            message: CodedMessage(
                "mqtt_lost", "The connection with the MQTT broker at \(broker.name) broke. It is made anew.",
                ["broker": .string(broker.name)]))
    }

    static func untrusted(_ broker: MQTTBroker) -> Self {
        Self(
            message: CodedMessage(
                "mqtt_untrusted",
                "The broker at \(broker.name) has no certificate that is trusted for '\(broker.host)', or does not use TLS on "
                    + "this port. Name the file of the CA that signed it, and check the port.",
                ["broker": .string(broker.name), "host": .string(broker.host)]))
    }

    static func certificatesUnreadable(_ file: String) -> Self {
        Self(
            message: CodedMessage(
                "mqtt_ca_unreadable",
                "The certificates in \(file) can't be read. Name a PEM file that the server may read.",
                ["file": .string(file)]))
    }

    static let noResources = Self(
        message: CodedMessage("mqtt_no_resources", "The system has no room for another connection. Try again later."))

    /// The broker refused the connection, with a code of its answer (MQTT 3.1.1, 3.2.2.3).
    static func refused(_ broker: MQTTBroker, code: Int) -> Self {
        switch code {
        case 4, 5:
            guard let user = broker.user else {
                return Self(
                    message: CodedMessage(
                        "mqtt_wants_user",
                        "The broker at \(broker.name) wants a user and a password. Write those of an account of the broker.",
                        ["broker": .string(broker.name)]))
            }
            return Self(
                message: CodedMessage(
                    "mqtt_password_refused",
                    "The broker refused the password of the user '\(user)'. Check both; the account is one of the broker's.",
                    ["user": .string(user)]))
        case 3:
            return Self(
                message: CodedMessage(
                    "mqtt_unavailable", "The broker at \(broker.name) takes no connections now. They are tried again.",
                    ["broker": .string(broker.name)]))
        default:
            return Self(
                message: CodedMessage(
                    "mqtt_refused",
                    "The broker at \(broker.name) refuses the connection (code \(code)). Its log says why.",
                    ["broker": .string(broker.name), "code": .integer(code)]))
        }
    }
}
