import DequeModule
import Foundation

/// Writes lines to a descriptor on a thread of its own, so that nobody who logs ever waits for a disk or for whoever reads
/// the other end, and nothing ends when those are full or gone: lines that find no room are left out, counted and told.
///
/// `@unchecked`: everything that changes is only touched while ``condition`` is locked.
public final class LineWriter: @unchecked Sendable {
    /// What waits to be written, at most.
    static let byteLimit = 1 << 20
    /// How long a process that ends waits for what it has to say.
    static let patience: TimeInterval = 1

    /// That of the process's log.
    public static let standardError = LineWriter(descriptor: STDERR_FILENO)

    private let descriptor: CInt
    private let condition = NSCondition()
    private var waiting: [[UInt8]] = []
    private var waitingByteCount = 0
    private var isWriting = false
    private var lostCount = 0
    private var hasThread = false
    /// The newest lines, as many bytes of them as ``keepRecent(bytes:)`` asked for.
    private var recent: Deque<String> = []
    private var recentByteCount = 0
    private var recentByteLimit = 0

    init(descriptor: CInt) { self.descriptor = descriptor }

    /// Hands a line over; it is written soon, and in order.
    ///
    /// - Parameter lossNotice: makes the line that tells how many were left out before this one.
    public func write(
        _ line: String,
        lossNotice: (_ lostCount: Int) -> String = { "\($0) lines could not be written and are left out\n" }
    ) {
        let bytes = Array(line.utf8)
        condition.lock()
        defer { condition.unlock() }
        remember(line)
        guard waitingByteCount + bytes.count <= Self.byteLimit else {
            lostCount += 1
            return
        }
        if lostCount > 0 {
            append(Array(lossNotice(lostCount).utf8))
            lostCount = 0
        }
        append(bytes)
        if !hasThread {
            hasThread = true
            let thread = Thread { [self] in writeForever() }
            thread.name = "log"
            thread.start()
        }
        condition.broadcast()
    }

    /// Keeps the newest lines from now on, so that they can be shown.
    public func keepRecent(bytes: Int) {
        condition.withLock { recentByteLimit = bytes }
    }

    /// The newest lines, the oldest of them first, without their line breaks.
    public var recentLines: [String] {
        condition.withLock { recent.map { $0.hasSuffix("\n") ? String($0.dropLast()) : $0 } }
    }

    private func remember(_ line: String) {
        guard recentByteLimit > 0 else { return }
        recent.append(line)
        recentByteCount += line.utf8.count
        while recentByteCount > recentByteLimit, let oldest = recent.popFirst() { recentByteCount -= oldest.utf8.count }
    }

    private func append(_ bytes: [UInt8]) {
        waiting.append(bytes)
        waitingByteCount += bytes.count
    }

    /// Waits until everything is written, but not for long.
    public func flush() {
        let deadline = Date(timeIntervalSinceNow: Self.patience)
        condition.lock()
        defer { condition.unlock() }
        while !waiting.isEmpty || isWriting {
            guard condition.wait(until: deadline) else { return }
        }
    }

    private func writeForever() {
        condition.lock()
        while true {
            while waiting.isEmpty { condition.wait() }
            let lines = waiting
            waiting = []
            isWriting = true
            condition.unlock()
            // As long as these are being written, they count as waiting.
            let failedCount = lines.count { !writeAll($0) }
            condition.lock()
            lostCount += failedCount
            waitingByteCount -= lines.reduce(0) { $0 + $1.count }
            isWriting = false
            condition.broadcast()
        }
    }

    /// One call of `write` per line where the system allows it, so that lines of several processes never mix.
    ///
    /// - Returns: false when the disk is full, the other end closed, and the like.
    private func writeAll(_ line: [UInt8]) -> Bool {
        var rest = line[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { unsafe Foundation.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno == EAGAIN {
                // Somebody who shares the descriptor has made it non-blocking.
                var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                unsafe poll(&request, 1, -1)
            } else if errno != EINTR {
                return false
            }
        }
        return true
    }
}
