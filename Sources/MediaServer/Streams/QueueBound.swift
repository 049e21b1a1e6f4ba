/// How many bytes may wait for a viewer before it has to do without the next unit.
struct QueueBound {
    /// Bytes.
    let limit: Int
    /// Bytes beyond them, until the viewer has been sent the group of pictures that it began with.
    private var allowance = 0
    private var hasWaited = false

    init(limit: Int) { self.limit = limit }

    /// The viewer is given a group of pictures of so many bytes at once, which must not make it a slow one.
    mutating func begin(groupByteCount: Int) {
        allowance = 2 * groupByteCount
        hasWaited = false
    }

    /// Whether the next unit is one too many.
    ///
    /// - Parameters:
    ///   - queued: Bytes that wait.
    ///   - isIdle: Whether all that there was has been sent. Before the first unit of a group it is as well.
    mutating func isExceeded(queued: Int, isIdle: Bool) -> Bool {
        if !isIdle {
            hasWaited = true
        } else if hasWaited {
            allowance = 0
        }
        return queued > limit + allowance
    }
}
