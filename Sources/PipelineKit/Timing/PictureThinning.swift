/// How many of a camera's pictures go on from the decoder, on a computer that can't decode and encode them all.
///
/// Coded pictures refer to each other: all are decoded, or none up to the next random access point, and then viewers see the
/// last one for all that time. To encode fewer leaves time to decode them all, so that what viewers see is evenly spaced and
/// newer. One of ``ratio`` pictures goes on. The ratio follows how long pictures wait for the decoder: the cameras of a
/// computer wait for the same processor, and so come to about the same ratio without knowing of each other.
struct PictureThinning: Sendable, Equatable {
    typealias Instant = ContinuousClock.Instant

    /// What is measured together, and the least between two changes.
    static let window: Duration = .seconds(2)
    /// How long pictures may wait on average for each step of the ratio: those that pass on most give way first.
    static let tolerance: Duration = .milliseconds(100)
    /// What a picture that was left out counts for.
    static let leftOutWait: Duration = .milliseconds(700)
    /// So many pictures a second go on in any case.
    static let leastRate = 5
    /// Windows without waiting before more pictures go on…
    static let calmWindows = 5
    /// …and the most of them, where more pictures turned out to be too many again and again.
    static let mostCalmWindows = 40

    /// 1 is all pictures.
    private(set) var ratio = 1

    private var windowStart: Instant?
    private var arrived = 0
    private var waits: Duration = .zero
    private var waitCount = 0
    private var lateInSuccession = 0
    private var calmInSuccession = 0
    private var neededCalm = Self.calmWindows
    /// Windows since more pictures were let on; nil when that has proved right.
    private var windowsOfTrial: Int?
    private var passedOver = 0

    /// A picture has come from the camera.
    ///
    /// - Parameter leftOut: how many were left out for it, itself included.
    mutating func arrived(leftOut: Int, at now: Instant) {
        let start = windowStart ?? now
        windowStart = start
        arrived += 1
        waits += Self.leftOutWait * leftOut
        waitCount += leftOut
        if start.duration(to: now) >= Self.window { endWindow(at: now) }
    }

    /// The decoder takes a picture that has waited for so long.
    mutating func taken(after wait: Duration) {
        waits += wait
        waitCount += 1
    }

    /// The decoder has made a picture: whether it goes on.
    mutating func passes() -> Bool {
        passedOver += 1
        guard passedOver >= ratio else { return false }
        passedOver = 0
        return true
    }

    private mutating func endWindow(at now: Instant) {
        let wait = waitCount == 0 ? .zero : waits / waitCount
        let isLate = wait > Self.tolerance * ratio
        let isCalm = wait < Self.tolerance * (ratio - 1) / 2
        lateInSuccession = isLate ? lateInSuccession + 1 : 0
        calmInSuccession = isCalm ? calmInSuccession + 1 : 0
        if let windows = windowsOfTrial { windowsOfTrial = windows < Self.calmWindows ? windows + 1 : nil }
        // One late window is a hiccup.
        if lateInSuccession >= 2 {
            passFewer(arrivedPerSecond: Double(arrived) / (Self.window / .seconds(1)))
        } else if calmInSuccession >= neededCalm {
            ratio -= 1
            calmInSuccession = 0
            windowsOfTrial = 0
        }
        windowStart = now
        (arrived, waits, waitCount) = (0, .zero, 0)
    }

    private mutating func passFewer(arrivedPerSecond: Double) {
        let most = max(1, Int(arrivedPerSecond) / Self.leastRate)
        guard ratio < most else { return }
        neededCalm = windowsOfTrial == nil ? Self.calmWindows : min(neededCalm * 2, Self.mostCalmWindows)
        windowsOfTrial = nil
        ratio += 1
    }
}
