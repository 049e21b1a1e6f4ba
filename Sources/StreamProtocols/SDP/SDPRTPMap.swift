/// An `rtpmap` attribute (RFC 4566 §6), e.g. `96 H264/90000`.
public struct SDPRTPMap: Sendable, Equatable, CustomStringConvertible {
    public var payloadType: UInt8
    /// Compared without case.
    public var encodingName: String
    /// Hz, at most 2³² − 1: a faster clock's 32-bit timestamps (RFC 3550 §5.1) would wrap within a second.
    public var clockRate: UInt32
    /// Audio: the number of channels, when said.
    public var channels: Int?

    public init(payloadType: UInt8, encodingName: String, clockRate: UInt32, channels: Int? = nil) {
        self.payloadType = payloadType
        self.encodingName = encodingName
        self.clockRate = clockRate
        self.channels = channels
    }

    /// Reads the attribute's value; nil when it is malformed.
    public init?(parsing value: String) {
        guard
            let (type, rest) = value.trimmingASCIIWhitespace().splitOnce(at: " "),
            let payloadType = UInt8(type), payloadType < 128
        else { return nil }
        let parts = rest.split(at: "/", maxSplits: 3).map { $0.trimmingASCIIWhitespace() }
        guard parts.count >= 2, !parts[0].isEmpty, let clockRate = UInt32(parts[1]), clockRate > 0 else { return nil }
        self.init(
            payloadType: payloadType,
            encodingName: parts[0],
            clockRate: clockRate,
            channels: parts.count > 2 ? Int(parts[2]) : nil
        )
    }

    /// The encoding of a media section's first payload type; nil when it is dynamic and not described.
    public init?(of media: MediaDescription) {
        guard let payloadType = media.payloadTypes.first else { return nil }
        guard let map = media.rtpMap(for: payloadType) ?? Self.fixed[payloadType] else { return nil }
        self = map
    }

    /// The payload types of RFC 3551 table 4 that cameras use for sound without saying more.
    private static let fixed: [UInt8: SDPRTPMap] = [
        0: SDPRTPMap(payloadType: 0, encodingName: "PCMU", clockRate: 8000, channels: 1),
        8: SDPRTPMap(payloadType: 8, encodingName: "PCMA", clockRate: 8000, channels: 1),
        9: SDPRTPMap(payloadType: 9, encodingName: "G722", clockRate: 8000, channels: 1),
        14: SDPRTPMap(payloadType: 14, encodingName: "MPA", clockRate: 90_000),
    ]

    public var description: String {
        "\(payloadType) \(encodingName)/\(clockRate)" + (channels.map { "/\($0)" } ?? "")
    }
}
