/// Tells by the sequence numbers of one stream which packets are missing.
struct RTPPacketOrder: Sendable {
    enum Arrival {
        case inOrder
        /// So many packets before it never came; 0 when the sender has begun anew.
        case afterGap(lostPacketCount: UInt16)
        /// Its place has been passed: it is left out.
        case late
    }

    private(set) var lostPacketCount: UInt64 = 0
    private var expected: UInt16?

    mutating func arrival(of sequenceNumber: UInt16) -> Arrival {
        guard let expected else {
            self.expected = sequenceNumber &+ 1
            return .inOrder
        }
        // RFC 3550 §5.1: sequence numbers are compared modulo 2¹⁶; as signed, a negative step is a late packet.
        let step = Int16(bitPattern: sequenceNumber &- expected)
        // §A.1: more than MAX_MISORDER behind means that the sender has begun anew; less is a late packet.
        let maxMisorder: Int16 = 100
        if step < 0, step >= -maxMisorder { return .late }
        self.expected = sequenceNumber &+ 1
        guard step != 0 else { return .inOrder }
        let lost = UInt16(max(step, 0))
        lostPacketCount &+= UInt64(lost)
        return .afterGap(lostPacketCount: lost)
    }
}
