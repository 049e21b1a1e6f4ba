/// An `rtpmap` attribute (RFC 4566 §6), e.g. `96 H264/90000`.
public struct SDPRTPMap: Sendable, Equatable, CustomStringConvertible {
    public var payloadType: UInt8
    /// Compared without case.
    public var encodingName: String
    /// Hz
    public var clockRate: Int
    /// Audio: the number of channels, when said.
    public var channels: Int?

    public init(payloadType: UInt8, encodingName: String, clockRate: Int, channels: Int? = nil) {
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
        let parts = rest.split(separator: "/", maxSplits: 3).map { $0.trimmingASCIIWhitespace() }
        guard parts.count >= 2, !parts[0].isEmpty, let clockRate = Int(parts[1]), clockRate > 0 else { return nil }
        self.init(
            payloadType: payloadType,
            encodingName: parts[0],
            clockRate: clockRate,
            channels: parts.count > 2 ? Int(parts[2]) : nil
        )
    }

    public var description: String {
        "\(payloadType) \(encodingName)/\(clockRate)" + (channels.map { "/\($0)" } ?? "")
    }
}
