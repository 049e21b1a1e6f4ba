/// Passes the packets of a format on that is not looked into; gaps stay gaps.
public struct GenericDepacketizer: RTPDepacketizer {
    private var order = RTPPacketOrder()
    private var unwrapper = RTPTimestampUnwrapper()

    public init() {}

    public var lostPacketCount: UInt64 { order.lostPacketCount }
    public var droppedSampleCount: UInt64 { 0 }

    public mutating func depacketize(_ packet: RTPPacket) -> [Sample] {
        var lostPacketCount: UInt16 = 0
        switch order.arrival(of: packet.sequenceNumber) {
        case .late: return []
        case .afterGap(let count): lostPacketCount = count
        case .inOrder: break
        }
        let generic = GenericPacket(
            marker: packet.marker, lostPacketCount: lostPacketCount, payload: packet.payload)
        return [
            Sample(
                payload: .packet(generic), presentationTime: unwrapper.unwrap(packet.timestamp), isRandomAccess: false)
        ]
    }
}

public struct GenericPacketizer: RTPPacketizer {
    public private(set) var numbering: RTPNumbering

    public init(numbering: RTPNumbering) { self.numbering = numbering }

    public mutating func packetize(_ sample: Sample) -> [RTPPacket] {
        guard case .packet(let packet) = sample.payload else { return [] }
        // RFC 3550 §5.1: the sequence number is modulo 2¹⁶.
        numbering.nextSequenceNumber &+= packet.lostPacketCount
        return [
            numbering.packet(
                timestamp: numbering.rtpTimestamp(of: sample.presentationTime), marker: packet.marker,
                payload: packet.payload)
        ]
    }
}
