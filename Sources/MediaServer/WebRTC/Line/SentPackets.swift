import StreamProtocols

/// What was sent to one viewer lately, by the numbers that count all its packets, until the viewer says which came and when.
struct SentPackets {
    /// A second of 20 Mb/s.
    static let limit = 2048

    /// What a report says of packets that are still known.
    struct Arrivals: Equatable {
        var byteCount = 0
        /// The least time that one was on its way, and a constant that nobody knows: the viewer's clock is another one.
        var leastDelay: Duration?
    }

    /// In 16 bytes, because each viewer has ``limit`` of them.
    private struct Entry {
        var number: UInt16
        /// 0 where there is no packet, or it was reported.
        var byteCount: UInt16
        var microseconds: Int64

        static let none = Entry(number: 0, byteCount: 0, microseconds: 0)

        init(number: UInt16, byteCount: UInt16, microseconds: Int64) {
            self.number = number
            self.byteCount = byteCount
            self.microseconds = microseconds
        }

        init(number: UInt16, byteCount: Int, sentAt: Duration) {
            let (seconds, attoseconds) = sentAt.components
            self.init(
                number: number, byteCount: UInt16(clamping: byteCount),
                microseconds: seconds * 1_000_000 + attoseconds / 1_000_000_000_000)
        }
    }

    /// Each at the place of its number; empty before the first.
    private var entries: [Entry] = []
    private var nextNumber: UInt16 = 0
    /// The viewer's clock of the last report, unwrapped and as it came.
    private var reference: (unwrapped: Int64, given: Int32)?

    /// Notes a packet.
    ///
    /// - Returns: its number.
    mutating func append(byteCount: Int, at now: Duration) -> UInt16 {
        if entries.isEmpty { entries = Array(repeating: .none, count: Self.limit) }
        let number = nextNumber
        // The draft's §2: modulo 2¹⁶.
        nextNumber &+= 1
        entries[Int(number) % Self.limit] = Entry(number: number, byteCount: byteCount, sentAt: now)
        return number
    }

    /// Takes a report. What it says of packets that it has told about before, or that were never sent, counts for nothing.
    mutating func take(_ feedback: RTCPTransportFeedback) -> Arrivals {
        var arrivals = Arrivals()
        guard !entries.isEmpty else { return arrivals }
        var time = RTCPTransportFeedback.referenceUnit * Int(unwrap(feedback.referenceTime))
        var next = feedback.firstNumber
        for status in feedback.statuses {
            let number = next
            let delta: Int16
            switch status {
            case .missing(let count):
                next &+= UInt16(truncatingIfNeeded: count)
                continue
            case .received(let value):
                next &+= 1
                delta = value
            }
            time += RTCPTransportFeedback.deltaUnit * Int(delta)
            let place = Int(number) % Self.limit
            let entry = entries[place]
            guard entry.number == number, entry.byteCount > 0 else { continue }
            entries[place] = .none
            arrivals.byteCount += Int(entry.byteCount)
            let delay = time - .microseconds(entry.microseconds)
            arrivals.leastDelay = min(arrivals.leastDelay ?? delay, delay)
        }
        return arrivals
    }

    /// It wraps every 12 days.
    private mutating func unwrap(_ given: Int32) -> Int64 {
        // The difference of two numbers of 24 bits, with the sign of its own highest bit.
        let unwrapped = reference.map { $0.unwrapped + Int64(((given &- $0.given) << 8) >> 8) } ?? Int64(given)
        reference = (unwrapped, given)
        return unwrapped
    }
}
