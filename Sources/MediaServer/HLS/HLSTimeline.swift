import StreamProtocols

/// Puts the times of one publisher after another on one timeline that only grows, so that a player which overlooks a
/// discontinuity still plays on.
struct HLSTimeline {
    static let clockRate: Int64 = 90_000

    /// Where the timeline begins: above 0, because decoding times and the program clock are earlier than the first
    /// picture is shown.
    static let origin: Int64 = 10 * clockRate

    /// A step between two pictures beyond these is no step of a live stream, but another clock. Backwards, reordering
    /// may reach a second.
    private static let steps: ClosedRange<Int64> = -clockRate...10 * clockRate

    private var estimator: DecodeTimeEstimator?
    /// Added to the publisher's times.
    private(set) var offset: Int64 = 0
    private var lastTimestamp: Int64 = 0
    /// The decoding time of the last picture, and how long the pictures last.
    private var lastDecodeTime: Int64?
    private(set) var frameDuration: Int64 = HLSTimeline.clockRate / 25
    /// Where the sound beside the pictures ends, which may be ahead of them: with B-frames, they come later.
    private var soundEnd: Int64 = 0

    /// Where the next picture begins if it follows without a gap.
    var end: Int64 { lastDecodeTime.map { $0 + frameDuration } ?? Self.origin }

    /// Whether a timestamp continues what came before.
    func continues(_ timestamp: Int64) -> Bool {
        guard estimator != nil else { return false }
        let (step, overflow) = timestamp.subtractingReportingOverflow(lastTimestamp)
        return !overflow && Self.steps.contains(step)
    }

    /// Goes on with another publisher, or with the same one after its clock jumped: `timestamp` comes right after what
    /// was there.
    mutating func restart(at timestamp: Int64, reorderDepth: Int, frameDuration nominal: Int64) {
        let end = min(max(end, soundEnd), end + Self.steps.upperBound)
        // With reordering the first decoding time is earlier than the first presentation time.
        let start = end + Int64(reorderDepth) * nominal
        // Wrapping: any 64-bit time may come in, and only differences matter.
        offset = start &- timestamp
        estimator = DecodeTimeEstimator(reorderDepth: reorderDepth, frameDuration: nominal)
        lastTimestamp = timestamp
        frameDuration = nominal
    }

    /// The times of the next picture; ``restart(at:reorderDepth:frameDuration:)`` comes first.
    mutating func place(_ timestamp: Int64) -> (presentation: Int64, decode: Int64) {
        let presentation = timestamp &+ offset
        let decode = estimator?.decodeTime(forPresentationTime: presentation) ?? presentation
        if let lastDecodeTime { frameDuration = min(max(decode - lastDecodeTime, 1), Self.clockRate) }
        lastTimestamp = timestamp
        lastDecodeTime = decode
        return (presentation, decode)
    }

    /// Sound was put beside the pictures up to a time.
    mutating func soundIsPlaced(until end: Int64) { soundEnd = end }

    static func duration(_ ticks: Int64) -> Duration { Duration(ticks: ticks, ofRate: clockRate) }

    static func ticks(_ duration: Duration) -> Int64 {
        Int64((duration / .seconds(1)) * Double(clockRate))
    }
}
