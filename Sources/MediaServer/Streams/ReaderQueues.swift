import Synchronization

/// What waits for all viewers together, on all event loops. One viewer has a bound of its own; many that read slowly share this one.
final class ReaderQueues: Sendable {
    /// Bytes. Packets are shared between viewers, so that less memory than this is really used.
    static let limit = 512 << 20

    private let bytes = Atomic(0)

    var byteCount: Int { bytes.load(ordering: .relaxed) }

    var isExceeded: Bool { byteCount > Self.limit }

    /// What waits for a viewer was `former` bytes and is `current` now.
    func changed(from former: Int, to current: Int) {
        if current != former { bytes.add(current - former, ordering: .relaxed) }
    }
}
