/// Puts the timestamps of one publisher after another on one line that goes on without a jump, so that viewers survive a
/// change of publisher. Times are in units of the track's clock rate and begin at 0.
struct TrackTimeline: Equatable {
    /// A step that is no pause between pictures any more but another clock: 24-hour wraps of cameras, clock adjustments.
    static let maximumStepSeconds: Int64 = 10

    let clockRate: Int64
    private var offset: Int64?
    private var lastInput: Int64 = 0
    private(set) var last: Int64?
    private var lastArrival: Duration = .zero

    init(clockRate: UInt32) { self.clockRate = Int64(max(clockRate, 1)) }

    /// The next timestamp is another publisher's.
    mutating func publisherChanged() { offset = nil }

    /// The time on the line.
    ///
    /// - Parameters:
    ///   - timestamp: unwrapped, of the current publisher.
    ///   - arrival: on a clock that only goes forward.
    mutating func place(_ timestamp: Int64, arrival: Duration) -> Int64 {
        if offset != nil {
            let (step, overflow) = timestamp.subtractingReportingOverflow(lastInput)
            if overflow || step.magnitude > (Self.maximumStepSeconds * clockRate).magnitude { offset = nil }
        }
        let placed: Int64
        if let offset {
            placed = timestamp &+ offset
        } else {
            // As much later as it really came, and one tick at least.
            let start = last.map { $0 &+ max(ticks(arrival - lastArrival), 1) } ?? 0
            // Wrapping: only differences of timestamps mean something.
            offset = start &- timestamp
            placed = start
        }
        lastInput = timestamp
        lastArrival = arrival
        // With reordered pictures the latest time is not the last one's.
        last = max(last ?? placed, placed)
        return placed
    }

    /// The time on the line at a moment after the last unit came; nil before the first.
    func time(at now: Duration) -> Int64? { last.map { $0 &+ ticks(now - lastArrival) } }

    /// Sixty years of the fastest clock that has a number (2³² Hz) stay within 63 bits: nothing is silent for longer.
    private func ticks(_ duration: Duration) -> Int64 {
        let (seconds, attoseconds) = min(max(duration, .zero), Self.longestSilence).components
        return seconds * clockRate + attoseconds / 1_000_000_000 * clockRate / 1_000_000_000
    }

    private static let longestSilence: Duration = .seconds(60 * 365 * 86_400)
}
