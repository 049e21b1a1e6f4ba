import DequeModule
import NIOCore

/// Spreads what one UDP viewer is sent: a group of pictures or a big keyframe at once would overflow its socket's
/// buffer (Linux: 208 KiB, of which small packets use twice their size). A value: the holder sends and keeps the time.
struct DatagramPacer {
    /// With ``interval`` about 100 Mb/s.
    static let burstByteCount = 64 << 10
    static let interval: Duration = .milliseconds(5)

    private var queue: Deque<ByteBuffer> = []
    private(set) var queuedByteCount = 0
    private var budget = DatagramPacer.burstByteCount
    private var periodStart: Duration = .zero

    var isEmpty: Bool { queue.isEmpty }

    mutating func append(_ datagrams: [ByteBuffer]) {
        queue.append(contentsOf: datagrams)
        queuedByteCount += datagrams.reduce(0) { $0 + $1.readableBytes }
    }

    /// The next packet that may be sent at `now`; nil when there is none or it has to wait for ``interval``.
    mutating func next(now: Duration) -> ByteBuffer? {
        guard let first = queue.first else { return nil }
        if now - periodStart >= Self.interval {
            periodStart = now
            budget = Self.burstByteCount
        }
        guard budget > 0 else { return nil }
        queue.removeFirst()
        queuedByteCount -= first.readableBytes
        budget -= first.readableBytes
        return first
    }

    mutating func removeAll() {
        queue = []
        queuedByteCount = 0
    }
}
