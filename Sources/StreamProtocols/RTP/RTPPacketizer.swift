/// Cuts access units into RTP packets of one stream: it owns the sequence number and never reorders.
public protocol RTPPacketizer: Sendable {
    /// The packets of one access unit, in order; the last has the marker set. The RTP timestamp is the unit's
    /// timestamp modulo 2³² plus the stream's offset.
    mutating func packetize(_ unit: AccessUnit) -> [RTPPacket]
}
