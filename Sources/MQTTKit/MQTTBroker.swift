import StreamModel

/// A broker, and as whom we speak with it.
public struct MQTTBroker: Hashable, Sendable {
    public var host: String
    public var port: Int
    public var usesTLS: Bool
    /// A PEM file with the certificates that its own is checked against; nil for those of the system.
    public var certificates: String?
    public var user: String?
    public var password: Secret?
    /// Two clients of one id shut each other out.
    public var clientID: String
    /// What the broker publishes when we are gone without a word.
    public var will: MQTTMessage?

    public init(
        host: String, port: Int, usesTLS: Bool = false, certificates: String? = nil, user: String? = nil,
        password: Secret? = nil, clientID: String, will: MQTTMessage? = nil
    ) {
        self.host = host
        self.port = port
        self.usesTLS = usesTLS
        self.certificates = certificates
        self.user = user
        self.password = password
        self.clientID = clientID
        self.will = will
    }

    /// Such as `core-mosquitto:1883`.
    public var name: String { URLAuthority.text(host, port: port) }
}
