/// Brings the packets of one stream, which UDP may deliver in any order, into order again, and leaves out what comes twice.
///
/// What is behind a gap waits for the missing packet, but not for long: then the gap is a loss.
public struct RTPReorderer: Sendable {
    /// Packets that wait at most; gortsplib has as many.
    public static let capacity = 64
    /// How long a packet waits at most. Packets pass each other within milliseconds; more would only be delay, and few packets of
    /// sound would wait for seconds until there are ``capacity`` of them.
    public static let patience: Duration = .milliseconds(50)

    private struct Waiting: Sendable {
        var packet: RTPPacket
        var arrival: Duration
    }

    private let capacity: Int
    private let patience: Duration
    private var expected: UInt16?
    /// In their order.
    private var waiting: [Waiting] = []

    /// - Parameters: how many packets wait, and how long; longer where missing ones are asked for again.
    public init(capacity: Int = Self.capacity, patience: Duration = Self.patience) {
        self.capacity = capacity
        self.patience = patience
    }

    /// The number of the packet whose turn it is; nil before the first.
    public var nextNumber: UInt16? { expected }

    /// The first of the numbers that others wait for.
    public func missingNumbers(limit: Int) -> [UInt16] {
        guard var number = expected else { return [] }
        var missing: [UInt16] = []
        for item in waiting {
            while number != item.packet.sequenceNumber {
                guard missing.count < limit else { return missing }
                missing.append(number)
                number &+= 1
            }
            number &+= 1
        }
        return missing
    }

    /// Whether packets wait for missing ones.
    public var isWaiting: Bool { !waiting.isEmpty }

    /// When ``expire(at:)`` has to be called; nil while nothing waits.
    public var deadline: Duration? { waiting.lazy.map(\.arrival).min().map { $0 + patience } }

    /// Takes the next packet that came.
    ///
    /// - Parameter now: on any clock that only goes forward.
    /// - Returns: those whose turn has come.
    public mutating func insert(_ packet: RTPPacket, at now: Duration) -> [RTPPacket] {
        // RFC 3550 §5.1: sequence numbers are compared modulo 2¹⁶; as signed, a negative step is a late packet.
        let step = expected.map { Int16(bitPattern: packet.sequenceNumber &- $0) } ?? 0
        // §A.1: who is further behind than MAX_MISORDER has begun anew.
        let maxMisorder: Int16 = 100
        if step < -maxMisorder {
            let left = waiting.map(\.packet)
            waiting = []
            expected = packet.sequenceNumber &+ 1
            return left + [packet]
        }
        guard step >= 0 else { return [] }
        // From the end, where it mostly belongs.
        let before = waiting.lastIndex {
            Int16(bitPattern: $0.packet.sequenceNumber &- packet.sequenceNumber) <= 0
        }
        if let before, waiting[before].packet.sequenceNumber == packet.sequenceNumber { return [] }
        waiting.insert(Waiting(packet: packet, arrival: now), at: before.map { $0 + 1 } ?? 0)
        if step == 0 { expected = packet.sequenceNumber }
        var released = release()
        while waiting.count > capacity { released += giveUpGap() }
        return released + expire(at: now)
    }

    /// Gives up what does not come in time.
    ///
    /// - Returns: those whose turn has come by that.
    public mutating func expire(at now: Duration) -> [RTPPacket] {
        var released: [RTPPacket] = []
        while let deadline, deadline <= now { released += giveUpGap() }
        return released
    }

    private mutating func giveUpGap() -> [RTPPacket] {
        expected = waiting.first?.packet.sequenceNumber
        return release()
    }

    private mutating func release() -> [RTPPacket] {
        var released: [RTPPacket] = []
        for item in waiting {
            guard item.packet.sequenceNumber == expected else { break }
            expected = item.packet.sequenceNumber &+ 1
            released.append(item.packet)
        }
        waiting.removeFirst(released.count)
        return released
    }
}
