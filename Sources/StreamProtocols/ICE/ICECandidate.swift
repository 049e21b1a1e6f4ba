import StreamModel

/// A place where we are reached (RFC 8445 §5.1): always one of this machine's own addresses, or one that is forwarded to it.
public struct ICECandidate: Sendable, Equatable {
    public enum Transport: Sendable, Equatable {
        case udp
        /// The peer connects (RFC 6544 §4.5).
        case tcpPassive
    }

    public let address: TransportAddress
    public let transport: Transport
    public let priority: UInt32

    /// - Parameter rank: 0 for the one to prefer, 1 for the next.
    public init(address: TransportAddress, transport: Transport, rank: Int) {
        self.address = address
        self.transport = transport
        // RFC 8445 §5.1.2.1, with component 1. A host candidate's preference of 126 is recommended; that of TCP is libwebrtc's.
        let (type, local): (UInt32, UInt32) =
            switch transport {
            case .udp: (126, 0xFFFF - UInt32(min(max(rank, 0), 0xFFFF)))
            // RFC 6544 §4.2: direction (4 is passive) above the other 13 bits.
            case .tcpPassive: (90, 4 << 13 | 0x1FFF - UInt32(min(max(rank, 0), 0x1FFF)))
            }
        priority = type << 24 | local << 8 | 255
    }

    /// What follows `a=candidate:` (RFC 8839 §5.1, RFC 6544 §4.5). Candidates of one address and transport share a foundation.
    public var attributeValue: String {
        var bytes: [UInt8] = [transport == .udp ? 0 : 1]
        bytes.appendBigEndian(address.address.bits)
        let place = "\(CRC32.checksum(bytes)) 1 \(transport == .udp ? "udp" : "tcp") \(priority)"
        let kind = transport == .udp ? "typ host" : "typ host tcptype passive"
        return "\(place) \(address.address) \(address.port) \(kind)"
    }
}
