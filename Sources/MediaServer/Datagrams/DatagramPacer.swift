import DequeModule

/// Spreads what one UDP viewer is sent: a group of pictures or a big keyframe at once would overflow its socket's
/// buffer (Linux: 208 KiB, of which small packets use twice their size). A value: the holder sends and keeps the time.
struct DatagramPacer {
    /// With ``interval`` about 100 Mb/s.
    static let burstByteCount = 64 << 10
    static let interval: Duration = .milliseconds(5)
    /// After how long there is room again where the system had none: a network card of 1 Gb/s sends 125 kB meanwhile.
    static let roomInterval: Duration = .milliseconds(1)

    private var queue: Deque<DatagramRun> = []
    private(set) var queuedByteCount = 0
    /// Bytes that may still be sent in this period.
    private(set) var budget = DatagramPacer.burstByteCount
    private var periodStart: Duration = .zero

    var isEmpty: Bool { queue.isEmpty }

    mutating func append(_ runs: [DatagramRun]) {
        queue.append(contentsOf: runs)
        queuedByteCount += runs.reduce(0) { $0 + $1.byteCount }
    }

    /// Sends what may be sent at `now`.
    ///
    /// - Parameter send: sends packets, and returns the bytes of those that it could send.
    /// - Returns: after how long to go on; nil when nothing is left.
    mutating func drain(now: Duration, _ send: (DatagramRun) -> Int) -> Duration? {
        if now - periodStart >= Self.interval {
            periodStart = now
            budget = Self.burstByteCount
        }
        while let first = queue.first {
            guard budget > 0 else { return Self.interval }
            let packets = first.prefix(budget)
            let sent = send(packets)
            budget -= sent
            queuedByteCount -= sent
            if sent == first.byteCount { queue.removeFirst() } else { queue[0].removeFirst(sent) }
            guard sent == packets.byteCount else { return Self.roomInterval }
        }
        return nil
    }

    mutating func removeAll() {
        queue = []
        queuedByteCount = 0
    }
}
