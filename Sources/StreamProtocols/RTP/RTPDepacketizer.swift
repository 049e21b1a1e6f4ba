/// Puts samples together from the RTP packets of one stream, given in the order they came.
public protocol RTPDepacketizer: Sendable {
    /// Takes one packet.
    ///
    /// A lost packet is not an error: the sample it belonged to is dropped and counted. After an error the
    /// depacketizer has dropped what it held, and goes on with the next sample.
    ///
    /// - Returns: the samples that the packet completed; of pictures usually none or one, two when a picture without marker
    ///   is followed by a picture of one packet.
    mutating func depacketize(_ packet: RTPPacket) throws(RTPPayloadError) -> [Sample]

    /// Whether a whole picture waits for the packet behind it, which shows what this sender's marker means.
    var awaitsProof: Bool { get }

    /// That packet does not come soon: the picture is whole.
    mutating func finishAwaited() -> [Sample]

    /// Packets that never came, by the gaps of the sequence numbers.
    var lostPacketCount: UInt64 { get }

    /// Samples dropped because a packet of theirs was lost or invalid.
    var droppedSampleCount: UInt64 { get }
}

extension RTPDepacketizer {
    public var awaitsProof: Bool { false }
    public mutating func finishAwaited() -> [Sample] { [] }
}

/// Why an RTP payload could not be used.
public enum RTPPayloadError: Error, Equatable, CustomStringConvertible {
    case empty
    case malformed(String)
    case unsupportedPacketization(type: UInt8)
    case sampleTooLarge(byteCount: Int, limit: Int)
    case tooManyNALUnits(limit: Int)
    case interleaved

    public var description: String {
        switch self {
        case .empty:
            "An RTP packet had no payload."
        case .malformed(let what):
            "An RTP payload is malformed: \(what)."
        case .unsupportedPacketization(let type):
            "RTP payload structure \(type) is not supported; set the sender to a plain one (H.264: packetization-mode 1)."
        case .sampleTooLarge(let byteCount, let limit):
            "A picture or frame of sound of \(byteCount) bytes exceeds the limit of \(limit) bytes; lower the sender's bitrate."
        case .tooManyNALUnits(let limit):
            "A picture has more than \(limit) NAL units; lower the sender's number of slices."
        case .interleaved:
            "Interleaved frames of AAC are not supported; set the sender to send them in order."
        }
    }
}
