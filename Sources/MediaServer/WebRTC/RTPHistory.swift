import DequeModule
import StreamProtocols

/// What went out lately of one track to one viewer, for packets that it misses (RFC 4585 §6.2.1).
///
/// The packets are shared with all other viewers. What is kept for each viewer is only which of them it got, picture by picture,
/// and under which numbers.
struct RTPHistory {
    /// So many packets are known at least: more than a second of 8 Mb/s.
    static let packetLimit = 1024
    /// Whoever asks again so early has not got what is on its way.
    static let interval: Duration = .milliseconds(10)
    /// How often one packet is sent again.
    static let repetitionLimit = 10

    /// Packets that went out one after the other.
    private struct Run {
        var packets: ArraySlice<RTPPacket>
        var firstNumber: UInt16
        var shift: UInt32
        var sentAt: Duration
    }

    private struct Repetition {
        var count: Int
        var sentAt: Duration
    }

    /// The numbers of each follow those of the one before.
    private var runs: Deque<Run> = []
    private var packetCount = 0
    /// What was sent again of the packets that are known, by their numbers.
    private var repetitions: [UInt16: Repetition] = [:]
    /// Packets that were missed, each counted once.
    private(set) var missedCount = 0

    /// Notes packets, whose numbers follow those of the last ones.
    ///
    /// - Parameters:
    ///   - firstNumber: the sequence number of the first of them.
    ///   - shift: added to their timestamps, modulo 2³².
    mutating func append(_ packets: ArraySlice<RTPPacket>, firstNumber: UInt16, shift: UInt32 = 0, at now: Duration) {
        guard !packets.isEmpty else { return }
        runs.append(Run(packets: packets, firstNumber: firstNumber, shift: shift, sentAt: now))
        packetCount += packets.count
        while let oldest = runs.first, packetCount - oldest.packets.count >= Self.packetLimit {
            runs.removeFirst()
            packetCount -= oldest.packets.count
            forgetRepetitions(of: oldest)
        }
    }

    private mutating func forgetRepetitions(of run: Run) {
        guard !repetitions.isEmpty else { return }
        for offset in 0..<run.packets.count {
            repetitions[run.firstNumber &+ UInt16(truncatingIfNeeded: offset)] = nil
        }
    }

    /// The packet of a sequence number as it went out, but for its source, to be sent again; nil when it is too old, or was sent
    /// just now.
    mutating func packet(_ sequenceNumber: UInt16, at now: Duration) -> RTPPacket? {
        guard let run = run(with: sequenceNumber) else { return nil }
        let former = repetitions[sequenceNumber]
        guard former?.count ?? 0 < Self.repetitionLimit, now - (former?.sentAt ?? run.sentAt) >= Self.interval else {
            return nil
        }
        if former == nil { missedCount += 1 }
        repetitions[sequenceNumber] = Repetition(count: (former?.count ?? 0) + 1, sentAt: now)
        var packet = run.packets[run.packets.startIndex + Int(sequenceNumber &- run.firstNumber)]
        packet.sequenceNumber = sequenceNumber
        packet.timestamp &+= run.shift
        return packet
    }

    /// The one that holds a number: a viewer may ask for thousands at once.
    private func run(with sequenceNumber: UInt16) -> Run? {
        guard let oldest = runs.first else { return nil }
        // RFC 3550 §5.1: numbers are modulo 2¹⁶.
        let distance = Int(sequenceNumber &- oldest.firstNumber)
        guard distance < packetCount else { return nil }
        var (low, high) = (0, runs.count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if Int(runs[middle].firstNumber &- oldest.firstNumber) <= distance { low = middle } else { high = middle }
        }
        return runs[low]
    }
}
