import StreamProtocols

/// What went out lately of one track to one viewer, for packets that it misses (RFC 4585 §6.2.1). The payloads are shared with
/// all other viewers.
struct RTPHistory {
    /// Packets: more than a second of 8 Mb/s.
    static let packetLimit = 1024
    /// Whoever asks again so early has not got what is on its way.
    static let interval: Duration = .milliseconds(10)
    /// How often one packet is sent again.
    static let repetitionLimit = 10

    private struct Entry {
        var packet: RTPPacket
        var sentAt: Duration
        var repetitions = 0
    }

    /// Each at the place of its sequence number; empty before the first.
    private var entries: [Entry?] = []
    /// Packets that were missed, each counted once.
    private(set) var missedCount = 0

    mutating func append(_ packet: RTPPacket, at now: Duration) {
        let place = Int(packet.sequenceNumber) % Self.packetLimit
        let entry = Entry(packet: packet, sentAt: now)
        if entries.isEmpty { entries = Array(repeating: nil, count: Self.packetLimit) }
        entries[place] = entry
    }

    /// The packet of a sequence number, to be sent again; nil when it is too old, or was sent just now.
    mutating func packet(_ sequenceNumber: UInt16, at now: Duration) -> RTPPacket? {
        guard !entries.isEmpty else { return nil }
        let place = Int(sequenceNumber) % Self.packetLimit
        guard var entry = entries[place], entry.packet.sequenceNumber == sequenceNumber,
            entry.repetitions < Self.repetitionLimit, now - entry.sentAt >= Self.interval
        else { return nil }
        entry.sentAt = now
        if entry.repetitions == 0 { missedCount += 1 }
        entry.repetitions += 1
        entries[place] = entry
        return entry.packet
    }
}
