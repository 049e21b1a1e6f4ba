/// A session description (RFC 4566): what DESCRIBE answers and ANNOUNCE says.
public struct SessionDescription: Sendable, Equatable {
    /// The `o=` line (RFC 4566 §5.2).
    public struct Origin: Sendable, Equatable {
        public var userName: String
        /// Digits in the standard; cameras also send other text.
        public var sessionID: String
        public var sessionVersion: String
        public var networkType: String
        public var addressType: String
        public var address: String

        public init(
            userName: String = "-",
            sessionID: String = "0",
            sessionVersion: String = "0",
            networkType: String = "IN",
            addressType: String = "IP4",
            address: String = "127.0.0.1"
        ) {
            self.userName = userName
            self.sessionID = sessionID
            self.sessionVersion = sessionVersion
            self.networkType = networkType
            self.addressType = addressType
            self.address = address
        }
    }

    public var origin: Origin
    /// The `s=` line.
    public var name: String
    /// The `i=` line.
    public var information: String?
    /// The `c=` line's value, e.g. `IN IP4 0.0.0.0`.
    public var connection: String?
    /// The `b=` lines' values.
    public var bandwidths: [String]
    /// The `t=` line's value: start and stop; `0 0` is a permanent session.
    public var timing: String
    public var attributes: [SDPAttribute]
    public var media: [MediaDescription]

    public init(
        origin: Origin = Origin(),
        name: String = "-",
        information: String? = nil,
        connection: String? = nil,
        bandwidths: [String] = [],
        timing: String = "0 0",
        attributes: [SDPAttribute] = [],
        media: [MediaDescription] = []
    ) {
        self.origin = origin
        self.name = name
        self.information = information
        self.connection = connection
        self.bandwidths = bandwidths
        self.timing = timing
        self.attributes = attributes
        self.media = media
    }

    /// The value of the first session attribute of that name.
    public func attribute(_ name: String) -> String? {
        attributes.first { $0.name.equalsIgnoringASCIICase(name) }?.value
    }

    /// The aggregate control URL (RFC 2326 §C.1.1).
    public var control: String? { attribute("control") }
}
