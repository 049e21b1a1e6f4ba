import DequeModule

/// What waits to be published, bounded: of what is retained the newest of each topic, and of the rest what is not too old. A
/// value without a clock and a connection.
struct MQTTOutbox: Sendable {
    typealias Instant = ContinuousClock.Instant

    private struct Entry {
        var message: MQTTMessage
        var madeAt: Instant
    }

    static let countLimit = 100_000
    /// Of the topics and the payloads together.
    static let byteLimit = 64 << 20
    /// What is not retained is news only for so long.
    static let patience: Duration = .seconds(300)

    private var entries: [Int: Entry] = [:]
    /// Some of them are no more.
    private var queue: Deque<Int> = []
    private var newest: [String: Int] = [:]
    private var bytes = 0
    private var next = 0
    /// Given up: without room, or too old.
    private(set) var lost = 0

    var count: Int { entries.count }

    mutating func add(_ message: MQTTMessage, at now: Instant) {
        if message.isRetained, let older = newest[message.topic] { remove(older) }
        insert(Entry(message: message, madeAt: now)) { $0.append($1) }
        while entries.count > Self.countLimit || bytes > Self.byteLimit, let oldest = queue.popFirst() {
            if entries[oldest] != nil { lost += 1 }
            remove(oldest)
        }
        // Topics that change often while nobody takes anything leave numbers behind.
        if queue.count > 2 * entries.count + 64 { queue = Deque(queue.filter { entries[$0] != nil }) }
    }

    /// The next to be published; nil when there is none.
    mutating func take(at now: Instant) -> MQTTMessage? {
        while let first = queue.popFirst() {
            guard let entry = entries[first] else { continue }
            remove(first)
            if entry.message.isRetained || entry.madeAt.duration(to: now) < Self.patience { return entry.message }
            lost += 1
        }
        return nil
    }

    /// Takes back, in their order, what was taken and did not arrive.
    mutating func putBack(_ messages: [MQTTMessage], at now: Instant) {
        for message in messages.reversed() where !message.isRetained || newest[message.topic] == nil {
            insert(Entry(message: message, madeAt: now)) { $0.prepend($1) }
        }
    }

    private mutating func insert(_ entry: Entry, _ enqueue: (inout Deque<Int>, Int) -> Void) {
        entries[next] = entry
        if entry.message.isRetained { newest[entry.message.topic] = next }
        bytes += entry.message.size
        enqueue(&queue, next)
        next += 1
    }

    private mutating func remove(_ number: Int) {
        guard let entry = entries.removeValue(forKey: number) else { return }
        bytes -= entry.message.size
        if newest[entry.message.topic] == number { newest[entry.message.topic] = nil }
    }
}

extension MQTTMessage {
    /// In bytes.
    fileprivate var size: Int { topic.utf8.count + payload.count }
}
