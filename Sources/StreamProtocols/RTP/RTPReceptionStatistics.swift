/// What a receiver has to report of one source (RFC 3550 §6.4.1), from what came of it. Times are of any clock that only goes
/// forward.
public struct RTPReceptionStatistics: Sendable {
    private struct Source: Sendable {
        var ssrc: UInt32
        var firstNumber: UInt32
        /// With the number of wraps in the upper half.
        var highestNumber: UInt32
        var receivedCount: UInt32 = 0
        /// Of the last report.
        var reportedExpected: UInt32 = 0
        var reportedReceived: UInt32 = 0
        var transit: UInt32?
        /// In sixteenths of a tick (§A.8).
        var jitter: UInt32 = 0
        var senderReport: (middle: UInt32, arrival: Duration)?

        var expectedCount: UInt32 { highestNumber &- firstNumber &+ 1 }
    }

    private let clockRate: UInt32
    private let followsRestarts: Bool
    private var source: Source?

    /// - Parameter followsRestarts: whether one that is far behind has begun anew. By SRTP nobody does: it is sent again.
    public init(clockRate: UInt32, followsRestarts: Bool = true) {
        self.clockRate = max(clockRate, 1)
        self.followsRestarts = followsRestarts
    }

    /// A packet came, at whatever place it has in the order.
    public mutating func received(_ packet: RTPPacket, at now: Duration) {
        var source = source(of: packet)
        let step = Int16(bitPattern: packet.sequenceNumber &- UInt16(truncatingIfNeeded: source.highestNumber))
        // Modulo 2³², as the report has it.
        if step > 0 { source.highestNumber &+= UInt32(step) }
        source.receivedCount &+= 1
        // §A.8; all of it modulo 2³².
        let transit = ticks(now) &- packet.timestamp
        if let last = source.transit {
            let difference = UInt32(Int32(bitPattern: transit &- last).magnitude)
            source.jitter = source.jitter &+ difference &- (source.jitter &+ 8) >> 4
        }
        source.transit = transit
        self.source = source
    }

    /// The sender has reported.
    public mutating func received(_ report: RTCPSenderReport, at now: Duration) {
        guard source?.ssrc == report.ssrc else { return }
        source?.senderReport = (report.ntpTimestamp.middle, now)
    }

    /// What is to be reported now; nil before the first packet.
    public mutating func reportBlock(at now: Duration) -> RTCPReportBlock? {
        guard var source else { return nil }
        // §A.3
        let expected = source.expectedCount &- source.reportedExpected
        let received = source.receivedCount &- source.reportedReceived
        let lost = Int64(expected) - Int64(received)
        let fraction = lost > 0 && expected > 0 ? lost * 256 / Int64(expected) : 0
        source.reportedExpected = source.expectedCount
        source.reportedReceived = source.receivedCount
        self.source = source
        let delay = source.senderReport.map { (now - $0.arrival) / .seconds(1) * 65_536 } ?? 0
        return RTCPReportBlock(
            ssrc: source.ssrc, fractionLost: UInt8(clamping: fraction),
            cumulativeLost: Int32(clamping: Int64(source.expectedCount) - Int64(source.receivedCount)),
            extendedHighestSequenceNumber: source.highestNumber, jitter: source.jitter >> 4,
            lastSenderReport: source.senderReport?.middle ?? 0,
            delaySinceLastSenderReport: UInt32(min(max(delay, 0), Double(UInt32.max))))
    }

    /// The source of a packet as it was, or a new one: another SSRC, or one that has begun anew (§A.1).
    private func source(of packet: RTPPacket) -> Source {
        let number = UInt32(packet.sequenceNumber)
        let fresh = Source(ssrc: packet.ssrc, firstNumber: number, highestNumber: number)
        guard let source, source.ssrc == packet.ssrc else { return fresh }
        let step = Int16(bitPattern: packet.sequenceNumber &- UInt16(truncatingIfNeeded: source.highestNumber))
        return followsRestarts && step < -100 ? fresh : source
    }

    private func ticks(_ time: Duration) -> UInt32 {
        let (seconds, attoseconds) = time.components
        let whole = UInt64(bitPattern: seconds) &* UInt64(clockRate)
        let part = UInt64(max(attoseconds, 0)) / 1_000_000_000 * UInt64(clockRate) / 1_000_000_000
        return UInt32(truncatingIfNeeded: whole &+ part)
    }
}
