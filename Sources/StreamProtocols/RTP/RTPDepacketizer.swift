/// Puts access units together from the RTP packets of one stream, given in the order they came.
public protocol RTPDepacketizer: Sendable {
    /// Takes one packet.
    ///
    /// A lost packet is not an error: the access unit it belonged to is dropped and counted. After an error the
    /// depacketizer has dropped what it held, and goes on with the next access unit.
    ///
    /// - Returns: the access units that the packet completed; usually none or one, two when a unit without marker
    ///   is followed by a unit of one packet.
    mutating func depacketize(_ packet: RTPPacket) throws(RTPPayloadError) -> [AccessUnit]

    /// Whether a whole picture waits for the packet behind it, which shows what this sender's marker means.
    var awaitsProof: Bool { get }

    /// That packet does not come soon: the picture is whole.
    mutating func finishAwaited() -> [AccessUnit]

    /// Packets that never came, by the gaps of the sequence numbers.
    var lostPacketCount: UInt64 { get }

    /// Access units dropped because a packet of theirs was lost or invalid.
    var droppedAccessUnitCount: UInt64 { get }
}

/// Why an RTP payload could not be used.
public enum RTPPayloadError: Error, Equatable, CustomStringConvertible {
    case empty
    case malformed(String)
    case unsupportedPacketization(type: UInt8)
    case accessUnitTooLarge(byteCount: Int, limit: Int)
    case tooManyNALUnits(limit: Int)

    public var description: String {
        switch self {
        case .empty:
            "An RTP packet had no payload."
        case .malformed(let what):
            "An RTP payload is malformed: \(what)."
        case .unsupportedPacketization(let type):
            "RTP payload structure \(type) is not supported; set the sender to a plain one (H.264: packetization-mode 1)."
        case .accessUnitTooLarge(let byteCount, let limit):
            "A picture of \(byteCount) bytes exceeds the limit of \(limit) bytes; lower the sender's bitrate."
        case .tooManyNALUnits(let limit):
            "A picture has more than \(limit) NAL units; lower the sender's number of slices."
        }
    }
}
