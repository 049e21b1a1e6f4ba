import MediaKit

/// Tells a burst of frames, all of which are encoded, from an encoder that is too slow for what comes: that one takes the
/// newest frame each time, or viewers would see the oldest of a queue that is always full.
struct FrameBacklog: Sendable, Equatable {
    /// Frames that have waited for longer, without a break, are no burst.
    static let burst: Duration = .milliseconds(200)

    /// Since when more than one frame has always waited.
    private var since: MonotonicInstant?

    /// - Parameter waiting: frames in the queue when the encoder is ready for one.
    mutating func isBehind(waiting: Int, at now: MonotonicInstant) -> Bool {
        // There is word of frames that have been taken meanwhile, too.
        guard waiting > 0 else { return false }
        guard waiting > 1 else {
            since = nil
            return false
        }
        let start = since ?? now
        since = start
        return start.duration(to: now) > Self.burst
    }
}
