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

    /// The payload types that senders may use without saying more (RFC 3551 tables 4 and 5).
    static let fixed: [UInt8: SDPRTPMap] = {
        let audio: [(UInt8, String, UInt32, Int)] = [
            (0, "PCMU", 8000, 1), (2, "G726-32", 8000, 1), (3, "GSM", 8000, 1), (4, "G723", 8000, 1),
            (5, "DVI4", 8000, 1), (6, "DVI4", 16_000, 1), (7, "LPC", 8000, 1), (8, "PCMA", 8000, 1),
            (9, "G722", 8000, 1), (10, "L16", 44_100, 2), (11, "L16", 44_100, 1), (12, "QCELP", 8000, 1),
            (13, "CN", 8000, 1), (15, "G728", 8000, 1), (16, "DVI4", 11_025, 1), (17, "DVI4", 22_050, 1),
            (18, "G729", 8000, 1),
        ]
        let others: [(UInt8, String)] = [
            (14, "MPA"), (25, "CelB"), (26, "JPEG"), (28, "nv"), (31, "H261"), (32, "MPV"), (33, "MP2T"), (34, "H263"),
        ]
        let maps =
            audio.map { SDPRTPMap(payloadType: $0, encodingName: $1, clockRate: $2, channels: $3) }
            + others.map { SDPRTPMap(payloadType: $0, encodingName: $1, clockRate: 90_000) }
        return Dictionary(uniqueKeysWithValues: maps.map { ($0.payloadType, $0) })
    }()

    public var description: String {
        "\(payloadType) \(encodingName)/\(clockRate)" + (channels.map { "/\($0)" } ?? "")
    }
}
