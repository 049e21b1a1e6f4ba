/// How long the parts of a low-latency playlist are, by the rhythm in which samples come.
///
/// A part ends where a sample ends, has at most the target duration and, unless it is a segment's last, at least 85 % of it
/// (RFC 8216bis §4.4.4.9). So the target follows from the samples: it is a whole number of them, and as much longer as leaves
/// room on both sides for times that jitter.
struct HLSPartRhythm {
    /// What a part of whole samples has of the target: the middle between 85 % and all of it, nearly.
    private static let roomForJitter = 1.08
    private static let leastShare = 0.85
    /// Samples after which the rhythm is known well enough.
    private static let sufficientSteps = 8
    /// A segment's samples of which the steps are looked at.
    private static let mostSteps = 512

    /// The duration that was asked for, as all times in units of the muxer's timeline.
    private let wanted: Int64
    /// What no part may exceed; nil as long as nothing is known of the rhythm.
    private(set) var target: Int64?
    private var last: Int64?
    private var steps: [Int64] = []
    private var hasMissed = false

    init(wanted: Duration) { self.wanted = max(HLSTimeline.ticks(wanted), 1) }

    /// A sample has come.
    ///
    /// - Returns: whether that has told the rhythm.
    mutating func note(_ time: Int64) -> Bool {
        defer { last = time }
        if let last, time > last, steps.count < Self.mostSteps { steps.append(time - last) }
        guard target == nil, steps.count >= Self.sufficientSteps else { return false }
        learn()
        return true
    }

    /// The samples that follow are on another timeline.
    mutating func restart() { last = nil }

    /// A segment has ended. What did not fit is tried otherwise in the next one.
    ///
    /// - Parameter step: between its last two samples.
    mutating func segmentEnded(step: Int64) {
        if steps.isEmpty { steps = [max(step, 1)] }
        if target == nil || hasMissed { learn() }
        steps = []
        hasMissed = false
    }

    private mutating func learn() {
        // Those in the middle: a hole in the stream says nothing about its rhythm.
        let sorted = steps.sorted()
        let middle = sorted[(sorted.count / 4)..<max(sorted.count * 3 / 4, sorted.count / 4 + 1)]
        let step = max(Double(middle.reduce(0, +)) / Double(middle.count), 1)
        let count = max((Double(wanted) / step).rounded(), 1)
        target = Int64((count * step * Self.roomForJitter).rounded(.up))
    }

    /// Whether a part that goes on to `end` becomes longer than it may.
    func isTooLong(from start: Int64, to end: Int64) -> Bool { target.map { end - start > $0 } ?? false }

    /// Whether a part that ends there is as long as it has to be.
    func isEnough(from start: Int64, to end: Int64) -> Bool {
        target.map { Double(end - start) >= Double($0) * Self.leastShare } ?? false
    }

    /// A part has ended, within a segment.
    mutating func partEnded(from start: Int64, to end: Int64) {
        if isTooLong(from: start, to: end) || !isEnough(from: start, to: end) { hasMissed = true }
    }
}
