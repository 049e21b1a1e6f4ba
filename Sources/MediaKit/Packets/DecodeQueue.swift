/// Coded pictures on their way from the thread that reads them to the thread that decodes them.
///
/// A computer that can't decode as fast as a camera sends must not fall behind more and more, and can't leave out single
/// pictures either, because the others refer to them. So what waits is bounded in time and in bytes; when it is full,
/// everything is left out up to the next random access point, and decoding goes on there.
public final class DecodeQueue: Sendable {
    /// A picture whose turn it is.
    public struct Element: Sendable {
        public let packet: EncodedPacket
        public let captureTime: MonotonicInstant
        /// Whether pictures before it have been left out, so that the decoder has to forget what it knows.
        public let followsGap: Bool
        /// Whether it is of now. Others are only decoded because later ones refer to them.
        public let isCurrent: Bool
    }

    private let condition = MonotonicCondition()
    // `nonisolated(unsafe)` holds because `condition.withLock` alone reads and writes these three.
    private nonisolated(unsafe) var backlog = DecodeBacklog()
    private nonisolated(unsafe) var isClosed = false
    /// Since when the decoding thread works on one picture; nil while it waits.
    private nonisolated(unsafe) var takenAt: MonotonicInstant?

    public init() {}

    /// Begins with pictures of the past, which nobody sees: the newest random access point, and what followed it.
    public func begin(
        with group: [(packet: EncodedPacket, captureTime: MonotonicInstant)], now: MonotonicInstant = .now
    ) {
        condition.withLock { unsafe backlog.begin(with: group, now: now) }
        condition.signal()
    }

    /// Appends a picture.
    ///
    /// - Returns: how many pictures were left out for it, itself included.
    @discardableResult
    public func push(
        _ packet: EncodedPacket, capturedAt captureTime: MonotonicInstant, now: MonotonicInstant = .now
    ) -> Int {
        let leftOut = condition.withLock {
            unsafe isClosed ? 0 : backlog.push(packet, capturedAt: captureTime, now: now)
        }
        condition.signal()
        return leftOut
    }

    /// Takes the next picture, waiting for one; nil when the queue has been closed. For one thread.
    public func next() -> Element? {
        condition.withLock {
            unsafe takenAt = nil
            while unsafe !isClosed {
                let now = MonotonicInstant.now
                if let element = unsafe backlog.next(now: now) {
                    unsafe takenAt = now
                    return element
                }
                condition.wait()
            }
            return nil
        }
    }

    /// Since when the thread that took a picture has been working on it.
    public var busySince: MonotonicInstant? { condition.withLock { unsafe takenAt } }

    /// Ends every wait; what waits is dropped. Idempotent.
    public func close() {
        condition.withLock {
            unsafe isClosed = true
            unsafe backlog = DecodeBacklog()
        }
        condition.broadcast()
    }
}

/// What waits to be decoded, and what is left out: a value, so that its rules can be tested without waiting.
struct DecodeBacklog {
    /// How long a picture waits at most: a hiccup is better made up for than shown as a gap…
    static let maximumWait: Duration = .milliseconds(700)
    /// …while a computer that is too slow for good gains nothing by letting pictures wait: its cameras only take turns sooner.
    static let maximumWaitOverloaded: Duration = .milliseconds(400)
    /// For so long after pictures were left out, the computer counts as too slow.
    static let overloadMemory: Duration = .seconds(10)
    /// When so much waits, the next random access point is a good place to be up to date again.
    static let catchUpWait: Duration = .milliseconds(200)
    /// How long pictures of the past, and what came meanwhile, may take.
    static let beginningLimit: Duration = .seconds(5)
    /// A second of the most that a camera sends.
    static let byteLimit = 16 << 20

    private struct Waiting {
        let packet: EncodedPacket
        let captureTime: MonotonicInstant
        let since: MonotonicInstant
        let isPast: Bool
    }

    private var waiting: [Waiting] = []
    private var byteCount = 0
    /// Whether pictures are left out up to the next random access point.
    private var isSkipping = false
    /// Whether the first picture that waits comes after pictures that were left out.
    private var startsAfterGap = false
    /// Whether the decoder still works through pictures of the past, and through what came meanwhile.
    private var isBeginning = false
    /// Pictures that waited for too long, since the last push.
    private var outdated = 0
    /// When pictures were left out last.
    private var leftOutAt: MonotonicInstant?

    mutating func begin(with group: [(packet: EncodedPacket, captureTime: MonotonicInstant)], now: MonotonicInstant) {
        isBeginning = true
        for (packet, captureTime) in group { append(packet, captureTime, now: now, isPast: true) }
    }

    /// - Returns: how many pictures were left out since the last push.
    mutating func push(_ packet: EncodedPacket, capturedAt captureTime: MonotonicInstant, now: MonotonicInstant) -> Int
    {
        let wait = waiting.first.map { $0.since.duration(to: now) } ?? .zero
        let isFull =
            wait > (isBeginning ? Self.beginningLimit : longestWait(at: now))
            || byteCount + packet.byteCount > Self.byteLimit
        var leftOut = outdated
        outdated = 0
        defer { if leftOut > 0 { leftOutAt = now } }
        if packet.isKeyframe, isSkipping || isFull || wait > Self.catchUpWait {
            leftOut += waiting.count { !$0.isPast }
            waiting = []
            byteCount = 0
            (isSkipping, startsAfterGap) = (false, true)
        } else if isSkipping || isFull {
            isSkipping = true
            leftOut += 1
            return leftOut
        }
        append(packet, captureTime, now: now, isPast: false)
        return leftOut
    }

    private func longestWait(at now: MonotonicInstant) -> Duration {
        guard let leftOutAt, leftOutAt.duration(to: now) < Self.overloadMemory else { return Self.maximumWait }
        return Self.maximumWaitOverloaded
    }

    mutating func next(now: MonotonicInstant) -> DecodeQueue.Element? {
        if !isBeginning { leaveOutOutdated(now: now) }
        guard !waiting.isEmpty else { return nil }
        let first = waiting.removeFirst()
        byteCount -= first.packet.byteCount
        let isLate = first.isPast || first.since.duration(to: now) > Self.catchUpWait
        if isBeginning, waiting.isEmpty || !isLate { isBeginning = false }
        defer { startsAfterGap = false }
        return DecodeQueue.Element(
            packet: first.packet, captureTime: first.captureTime, followsGap: startsAfterGap, isCurrent: !isBeginning)
    }

    /// When the next picture has waited for too long, so has all that refers to it: decoding goes on at a random access
    /// point that has not, or waits for one.
    private mutating func leaveOutOutdated(now: MonotonicInstant) {
        let longestWait = longestWait(at: now)
        func isOutdated(_ picture: Waiting) -> Bool { picture.since.duration(to: now) > longestWait }
        guard let first = waiting.first, isOutdated(first) else { return }
        let goOn = waiting.firstIndex { $0.packet.isKeyframe && !isOutdated($0) } ?? waiting.endIndex
        outdated += goOn
        byteCount -= waiting[..<goOn].reduce(0) { $0 + $1.packet.byteCount }
        waiting.removeFirst(goOn)
        if waiting.isEmpty { isSkipping = true } else { startsAfterGap = true }
    }

    private mutating func append(
        _ packet: EncodedPacket, _ captureTime: MonotonicInstant, now: MonotonicInstant, isPast: Bool
    ) {
        waiting.append(Waiting(packet: packet, captureTime: captureTime, since: now, isPast: isPast))
        byteCount += packet.byteCount
    }
}
