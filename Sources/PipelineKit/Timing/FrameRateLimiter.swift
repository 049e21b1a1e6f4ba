/// Picks frames by deadline so that never more than a given number a second pass, and exactly that many when more come.
///
/// Deadlines lie on a grid of the target interval. A frame passes if it is no earlier than half an interval before the
/// next deadline, so a source of the same rate loses nothing to jitter. A source that runs a little faster than its nominal
/// rate (no two crystals are equal) would lose one frame each time it has gained a whole interval; while none is
/// rejected, the grid follows it by up to ``maximumFollowing`` instead.
struct FrameRateLimiter: Sendable, Equatable {
    let interval: Duration
    /// The part of an interval by which the grid may follow a source that runs fast.
    static let maximumFollowing = 0.01
    /// How many frames in a row must have passed before the grid follows: a source of 6/5 of the rate has one
    /// rejected after every five, so it never gets there.
    private let patience: Int

    private var nextDue: ContinuousClock.Instant?
    private var passedInARow = 0

    /// - Parameter framesPerSecond: above zero.
    init(framesPerSecond: Double) {
        interval = .seconds(1 / framesPerSecond)
        patience = max(Int(framesPerSecond * 2), 10)
    }

    /// Whether the frame taken at `time` passes. Times need not be in order.
    mutating func admit(_ time: ContinuousClock.Instant) -> Bool {
        guard let due = nextDue else {
            nextDue = time + Self.firstDeadline(interval)
            return true
        }
        // Positive when the frame is early.
        let lead = time.duration(to: due)
        guard lead <= interval / 2 else {
            passedInARow = 0
            return false
        }
        passedInARow = min(passedInARow + 1, patience)
        if lead < .zero - interval {
            // A pause, or a source slower than the target: the grid starts again at this frame.
            nextDue = time + Self.firstDeadline(interval)
        } else if lead > .zero, passedInARow >= patience {
            nextDue = due + interval - min(lead, interval * Self.maximumFollowing)
        } else {
            nextDue = due + interval
        }
        return true
    }

    /// A frame of this time was made up because none had come: those that it stood in for do not pass any more.
    mutating func replace(_ time: ContinuousClock.Instant) {
        nextDue = time + interval
        passedInARow = 0
    }

    /// The deadline after the frame that the grid begins with. A frame may be half an interval early and a whole one
    /// late; a quarter less than an interval puts a regular source in the middle of that, so that it does not matter
    /// whether the first frame came early or late itself.
    private static func firstDeadline(_ interval: Duration) -> Duration { interval * 3 / 4 }
}
