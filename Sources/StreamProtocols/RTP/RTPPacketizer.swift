/// Cuts access units into RTP packets of one stream: it owns the sequence number and never reorders.
public protocol RTPPacketizer: Sendable {
    /// The packets of one access unit, in order; the last has the marker set. The RTP timestamp is the unit's
    /// timestamp modulo 2³² plus the stream's offset.
    mutating func packetize(_ unit: AccessUnit) -> [RTPPacket]

    var codec: TrackCodec { get }
    var payloadType: UInt8 { get }
    var ssrc: UInt32 { get }

    /// The RTP timestamp of an access unit's timestamp.
    func rtpTimestamp(of timestamp: Int64) -> UInt32
}
