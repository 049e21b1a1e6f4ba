/// A media section of a session description: its `m=` line and what follows (RFC 4566 §5.14).
public struct MediaDescription: Sendable, Equatable {
    public enum Kind: Sendable, Equatable, RawRepresentable {
        case video, audio, application
        /// Another media type, spelled as it came.
        case other(String)

        public init(rawValue: String) {
            switch rawValue {
            case "video": self = .video
            case "audio": self = .audio
            case "application": self = .application
            default: self = .other(rawValue)
            }
        }

        public var rawValue: String {
            switch self {
            case .video: "video"
            case .audio: "audio"
            case .application: "application"
            case .other(let name): name
            }
        }
    }

    public var kind: Kind
    /// 0 with RTSP, where SETUP settles the ports.
    public var port: UInt16
    /// e.g. `RTP/AVP`
    public var protocolName: String
    /// For RTP the payload types, as text.
    public var formats: [String]
    /// The `i=` line.
    public var title: String?
    /// The `c=` lines' values.
    public var connections: [String]
    /// The `b=` lines' values.
    public var bandwidths: [String]
    public var attributes: [SDPAttribute]

    public init(
        kind: Kind,
        port: UInt16 = 0,
        protocolName: String = "RTP/AVP",
        formats: [String],
        title: String? = nil,
        connections: [String] = [],
        bandwidths: [String] = [],
        attributes: [SDPAttribute] = []
    ) {
        self.kind = kind
        self.port = port
        self.protocolName = protocolName
        self.formats = formats
        self.title = title
        self.connections = connections
        self.bandwidths = bandwidths
        self.attributes = attributes
    }

    /// The payload types in the order of preference, each once.
    public var payloadTypes: [UInt8] {
        var seen: Set<UInt8> = []
        return formats.compactMap { UInt8($0) }.filter { $0 < 128 && seen.insert($0).inserted }
    }

    /// The value of the first attribute of that name; nil when there is none or it has no value.
    public func attribute(_ name: String) -> String? {
        attributes.first { $0.name.equalsIgnoringASCIICase(name) }?.value
    }

    /// The encoding of a payload type.
    public func rtpMap(for payloadType: UInt8) -> SDPRTPMap? { SDPFormatIndex(attributes).maps[payloadType] }

    /// The parameters of a payload type's `fmtp` attribute: names in lower case, values as they came.
    public func formatParameters(for payloadType: UInt8) -> [String: String] {
        SDPFormatIndex(attributes).parameters[payloadType] ?? [:]
    }

    /// The `control` attribute: the URL to set up the track with, absolute or relative (RFC 2326 §C.1.1).
    public var control: String? { attribute("control") }

    /// Which way media flows; nil when not said.
    public var direction: SDPDirection? {
        attributes.lazy.compactMap { SDPDirection(rawValue: $0.name.lowercased()) }.first
    }
}
