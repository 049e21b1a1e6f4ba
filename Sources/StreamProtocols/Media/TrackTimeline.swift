/// Puts the timestamps of one track, of one sender after another, on a line that goes on without a jump, so that viewers survive
/// a change of sender. Times are in units of the track's clock rate; zero is the same moment for all tracks.
public struct TrackTimeline: Sendable, Equatable {
    /// A step that is no pause between samples any more but another clock: 24-hour wraps of cameras, clock adjustments.
    public static let maximumStepSeconds: Int64 = 10

    public let clockRate: Int64
    /// Of the time between two samples, the part by which they may be moved: nobody sees a picture that is shown for a tenth
    /// longer, but everybody hears sound that is.
    private let slewDivisor: Int64
    private var offset: Int64?
    private var lastInput: Int64 = 0
    public private(set) var last: Int64?
    public private(set) var lastArrival: Duration = .zero
    private var isCorrecting = false
    /// What is left of the time that the last correction was measured by: frames can be so short that less than a tick is theirs.
    private var unusedTicks: Int64 = 0

    public init(clockRate: UInt32, isSound: Bool) {
        self.clockRate = Int64(max(clockRate, 1))
        slewDivisor = isSound ? 500 : 10
    }

    /// Whether a timestamp begins a line of its own: the first of a sender, or behind a jump.
    public func begins(with timestamp: Int64) -> Bool {
        guard offset != nil else { return true }
        let (step, overflow) = timestamp.subtractingReportingOverflow(lastInput)
        return overflow || step.magnitude > (Self.maximumStepSeconds * clockRate).magnitude
    }

    /// The next timestamp begins a line of its own: it is another sender's, or what came before was on a wrong one.
    public mutating func beginAnew() { offset = nil }

    /// How much later a timestamp should be than it is put; zero where it begins a line of its own.
    ///
    /// - Parameter target: where it should be.
    public func error(of timestamp: Int64, target: Int64) -> Duration {
        guard let offset, !begins(with: timestamp) else { return .zero }
        let error = target &- timestamp &- offset
        return error < 0 ? .zero - duration(0 &- error) : duration(error)
    }

    /// The time on the line.
    ///
    /// - Parameters:
    ///   - timestamp: unwrapped, of the current sender.
    ///   - arrival: since the beginning of the line, on a clock that only goes forward.
    ///   - target: the time that its sender's reports give it; nil when that is not known.
    public mutating func place(_ timestamp: Int64, arrival: Duration, target: Int64?) -> Int64 {
        if begins(with: timestamp) {
            // As much later as it really came, and one tick at least.
            let arrived = last.map { $0 &+ max(ticks(arrival - lastArrival), 1) } ?? ticks(arrival)
            let start = target.map { target in max(target, last.map { $0 &+ 1 } ?? target) } ?? arrived
            // Wrapping: only differences of timestamps mean something.
            offset = start &- timestamp
            isCorrecting = false
        } else if let target {
            correct(timestamp, target: target)
        }
        let placed = timestamp &+ (offset ?? 0)
        lastInput = timestamp
        lastArrival = arrival
        // With reordered pictures the latest time is not the last one's.
        last = max(last ?? placed, placed)
        return placed
    }

    /// Moves the line towards where it should be, a little with every sample, once it is 10 ms off.
    private mutating func correct(_ timestamp: Int64, target: Int64) {
        let error = target &- timestamp &- (offset ?? 0)
        if error.magnitude > UInt64(clockRate / 100) { isCorrecting = true }
        guard isCorrecting else { return }
        let (limit, rest) = (max(timestamp &- lastInput, 0) + unusedTicks).quotientAndRemainder(dividingBy: slewDivisor)
        unusedTicks = rest
        offset = (offset ?? 0) &+ min(max(error, -limit), limit)
        if error.magnitude <= limit.magnitude { isCorrecting = false }
    }

    /// The time on the line of a moment after the last sample came; nil before the first.
    public func time(at now: Duration) -> Int64? { last.map { $0 &+ ticks(now - lastArrival) } }

    /// Sixty years of the fastest clock that has a number (2³² Hz) stay within 63 bits: nothing is silent for longer.
    public func ticks(_ duration: Duration) -> Int64 {
        let (seconds, attoseconds) = min(max(duration, .zero), Self.longestSilence).components
        return seconds * clockRate + attoseconds / 1_000_000_000 * clockRate / 1_000_000_000
    }

    /// The same for a time that may be before the line's beginning.
    public func signedTicks(_ duration: Duration) -> Int64 {
        duration < .zero ? -ticks(.zero - duration) : ticks(duration)
    }

    /// The duration of so many ticks.
    public func duration(_ ticks: Int64) -> Duration {
        Duration(ticks: ticks, ofRate: clockRate)
    }

    private static let longestSilence: Duration = .seconds(60 * 365 * 86_400)
}
