import MediaKit

/// Tells when a frame was captured, on the monotonic clock, from its timestamp and the time it arrived.
///
/// Frames arrive late by a varying delay, but their timestamps are regular. The frame with the smallest delay of the
/// last seconds ties the two clocks together; the tie follows a camera's clock that runs slower or faster than ours.
struct CaptureClock: Sendable, Equatable {
    /// Timestamps that disagree with arrival by more than this have jumped, and the tie is made anew.
    static let maximumDisagreement: Duration = .milliseconds(700)
    /// The part of the elapsed time by which the tie may move later: 100 times what a camera's crystal drifts.
    static let maximumDrift = 0.002

    /// Capture time minus timestamp, at ``lastArrival``.
    private var offset: Duration?
    private var lastArrival: MonotonicInstant?
    private let epoch: MonotonicInstant

    init(epoch: MonotonicInstant = .now) { self.epoch = epoch }

    /// The capture time of a frame, never later than its arrival.
    mutating func captureTime(timestamp: MediaTime?, arrival: MonotonicInstant) -> MonotonicInstant {
        guard let timestamp = timestamp?.duration else {
            // Without a timestamp there is nothing to tie to.
            offset = nil
            return arrival
        }
        let arrived = epoch.duration(to: arrival)
        let observed = arrived - timestamp
        defer { lastArrival = arrival }
        guard let current = offset, let lastArrival else {
            offset = observed
            return arrival
        }
        let delay = observed - current
        if delay > Self.maximumDisagreement || delay < .zero - Self.maximumDisagreement {
            offset = observed
            return arrival
        }
        if delay <= .zero {
            // It came earlier than the tie allows, so the delay was smaller than known.
            offset = observed
            return arrival
        }
        let elapsed = max(lastArrival.duration(to: arrival), .zero)
        let moved = current + min(delay, elapsed * Self.maximumDrift)
        offset = moved
        return epoch + (timestamp + moved)
    }
}
