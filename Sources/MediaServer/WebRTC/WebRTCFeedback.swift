import StreamProtocols

/// What a viewer reports of what it gets, for the control API.
struct WebRTCFeedback {
    /// Of each of the session's sources.
    private var lostBySource: [UInt32: Int] = [:]

    /// Packets that it misses in all.
    var lostCount: Int { lostBySource.values.reduce(0, +) }

    /// - Parameter sources: the session's; whoever reports of others takes no memory for it.
    mutating func take(_ blocks: [RTCPReportBlock], of sources: [UInt32]) {
        for block in blocks where sources.contains(block.ssrc) {
            // RFC 3550 §6.4.1: negative where packets came twice.
            lostBySource[block.ssrc] = max(0, Int(block.cumulativeLost))
        }
    }
}
