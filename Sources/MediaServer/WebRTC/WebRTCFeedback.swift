import StreamProtocols

/// What a viewer reports of what it gets (RFC 3550 §6.4). A value without a clock: it is told the time.
struct WebRTCFeedback {
    /// Reports of ours that a viewer may still answer: each track has one every few seconds.
    private static let reportLimit = 32
    /// Loss is told of so long a time at least: of a few packets, one is much.
    private static let lossInterval: Duration = .seconds(1)
    private static let lossPacketCount = 20

    private struct Source {
        var lostCount = 0
        var jitter: UInt32 = 0
        /// With the number of wraps in the upper 16 bits; nil before the first report.
        var highestNumber: UInt32?
    }

    private var bySource: [UInt32: Source] = [:]
    private var reports: [(source: UInt32, middle: UInt32, sentAt: Duration)] = []
    /// The time from us to the viewer and back.
    private(set) var roundTrip: Duration?
    /// Since when loss is counted, how many packets of how many.
    private var lossSince: Duration?
    private var lost = 0
    private var expected = 0

    /// Packets that it misses in all.
    var lostCount: Int { bySource.values.reduce(0) { $0 + $1.lostCount } }

    /// Of a source, in units of its clock.
    func jitter(of source: UInt32) -> UInt32? { bySource[source]?.jitter }

    /// A sender report goes out.
    mutating func sent(_ timestamp: NTPTimestamp, of source: UInt32, at now: Duration) {
        if reports.count >= Self.reportLimit { reports.removeFirst() }
        reports.append((source, timestamp.middle, now))
    }

    /// - Parameter sources: the session's; whoever reports of others takes no memory for it.
    /// - Returns: which part of the packets got lost since that was told last; nil when that is not long ago.
    mutating func take(_ blocks: [RTCPReportBlock], of sources: [UInt32], at now: Duration) -> Double? {
        for block in blocks where sources.contains(block.ssrc) { take(block, at: now) }
        let since = lossSince ?? now
        lossSince = since
        guard now - since >= Self.lossInterval, expected >= Self.lossPacketCount else { return nil }
        defer { (lossSince, lost, expected) = (now, 0, 0) }
        return max(0, min(1, Double(lost) / Double(expected)))
    }

    private mutating func take(_ block: RTCPReportBlock, at now: Duration) {
        var source = bySource[block.ssrc] ?? Source()
        // RFC 3550 §6.4.1: negative where packets came twice.
        let lostCount = max(0, Int(block.cumulativeLost))
        if let highest = source.highestNumber {
            // What is no step forward is a report that came late.
            let step = Int(Int32(bitPattern: block.extendedHighestSequenceNumber &- highest))
            if step > 0, step <= Int(UInt16.max) {
                expected += step
                lost += max(0, lostCount - source.lostCount)
            }
        }
        source.highestNumber = block.extendedHighestSequenceNumber
        source.lostCount = lostCount
        source.jitter = block.jitter
        bySource[block.ssrc] = source
        guard block.lastSenderReport != 0,
            let report = reports.last(where: { $0.source == block.ssrc && $0.middle == block.lastSenderReport })
        else { return }
        // §6.4.1. By the time that the report went out, not by what it says: that is the time of the picture.
        let held = Duration.seconds(1) / 65_536 * Int(block.delaySinceLastSenderReport)
        roundTrip = max(.zero, now - report.sentAt - held)
    }
}
