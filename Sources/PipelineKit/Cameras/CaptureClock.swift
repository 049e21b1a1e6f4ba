import MediaKit

/// Tells when a frame was captured, on the monotonic clock, from its timestamp and the time it arrived.
///
/// Frames arrive late by a varying delay, but their timestamps are regular. The smallest delay of the last seconds ties
/// the two clocks together; the tie follows a camera whose clock runs slower or faster than ours.
struct CaptureClock: Sendable, Equatable {
    /// Timestamps that disagree with arrival by more than this have jumped, and the tie is made anew.
    static let maximumDisagreement: Duration = .milliseconds(700)
    /// The part of the elapsed time by which the tie may move later: a camera that counts 25 fps and takes 24.9 needs
    /// 0.4 %.
    static let maximumDrift = 0.01
    /// Delays are compared over one to two of these.
    static let window: Duration = .seconds(4)

    private struct Tie: Equatable {
        /// Capture time (since the epoch) minus timestamp.
        var offset: Duration
        var lastArrival: Duration
        var windowStart: Duration
        /// The smallest difference between arrival and timestamp in this window, and in the one before.
        var smallest: Duration
        var smallestBefore: Duration
    }

    private var tie: Tie?
    private let epoch: MonotonicInstant

    init(epoch: MonotonicInstant = .now) { self.epoch = epoch }

    /// The capture time of a frame, never later than its arrival.
    mutating func captureTime(timestamp: MediaTime?, arrival: MonotonicInstant) -> MonotonicInstant {
        guard let timestamp = timestamp?.duration else {
            // Without a timestamp there is nothing to tie to.
            tie = nil
            return arrival
        }
        let arrived = epoch.duration(to: arrival)
        let observed = arrived - timestamp
        guard var tie, abs(observed - tie.offset) <= Self.maximumDisagreement else {
            self.tie = Tie(
                offset: observed, lastArrival: arrived, windowStart: arrived, smallest: observed,
                smallestBefore: observed)
            return arrival
        }
        if arrived - tie.windowStart >= Self.window {
            tie.windowStart = arrived
            tie.smallestBefore = tie.smallest
            tie.smallest = observed
        }
        tie.smallest = min(tie.smallest, observed)
        // A frame that comes earlier than the tie allows shows at once that the delay was smaller than known. A delay
        // that was larger throughout is followed slowly.
        let target = min(tie.smallest, tie.smallestBefore)
        let step = max(arrived - tie.lastArrival, .zero) * Self.maximumDrift
        tie.offset = min(observed, target > tie.offset ? min(target, tie.offset + step) : tie.offset)
        tie.lastArrival = arrived
        self.tie = tie
        return epoch + (timestamp + tie.offset)
    }

    private func abs(_ duration: Duration) -> Duration { max(duration, .zero - duration) }
}
