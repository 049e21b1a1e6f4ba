/// What waits for all viewers together. One viewer has a bound of its own; many that read slowly share this one.
final class ReaderQueues {
    /// Bytes. Packets are shared between viewers, so that less memory than this is really used.
    static let limit = 512 << 20

    private(set) var byteCount = 0

    var isExceeded: Bool { byteCount > Self.limit }

    /// What waits for a viewer was `former` bytes and is `current` now.
    func changed(from former: Int, to current: Int) { byteCount += current - former }
}
