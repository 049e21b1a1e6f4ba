/// Decides what a rendition encodes and when, and stamps it: pure, so that every rate can be tested without waiting.
///
/// - A frame is encoded when it arrives, unless that would exceed the output's rate.
/// - When nothing new has come for longer than the source's jitter explains (``ArrivalGaps``), the last frame is repeated, and
///   again after as long, two frame intervals at least: a computer that can't keep up has gaps, and better uses for its time. A
///   repeat takes the place of the frames that it stands in for: they are not encoded when they come.
/// - While there is no signal, the placeholder is shown, at the full rate for the first seconds (players measure the
///   rate before they show anything) and then at ``placeholderRate``.
/// - A placeholder that nothing came before starts in the past: what players measure with is there at once, and does not
///   depend on the output's rate.
///
/// Timestamps are capture times on a 90 kHz time line (RFC 6184 §8.2.1) and always increase.
struct RenditionPacer: Sendable {
    typealias Instant = ContinuousClock.Instant

    /// What to do with a frame that arrived.
    enum Admission: Equatable {
        /// Encode it; the first picture after the placeholder has to be a keyframe.
        case encode(timestamp: Int64, keyframe: Bool)
        /// Keep it in case that nothing newer comes: it is repeated then.
        case skip
    }

    /// What to do when the deadline has passed.
    enum DeadlineAction: Equatable {
        case repeatLast(timestamp: Int64)
        case placeholder(timestamp: Int64)
        /// The deadline is later by now.
        case wait
    }

    /// Ticks a second of the time line.
    static let clockRate = 90_000
    /// Frames a second of a placeholder that has been shown for ``placeholderWarmUp``.
    static let placeholderRate = 5
    static let placeholderWarmUp: Duration = .seconds(3)
    /// Pictures of the past that a placeholder starts with when nothing came before: libavformat decodes 7 to find out whether
    /// pictures are reordered, and then counts 20 intervals, before it hands out the first picture of H.264; its parser
    /// sees the end of a picture in the next one (`avformat_find_stream_info`).
    static let runInPictures = 29
    /// They are this far apart at any rate: a player that shows every picture at its time stays behind by all of it.
    static let runInInterval: Duration = .milliseconds(40)
    /// A deadline that was missed by more than this, because an encoder had to be opened or the machine was
    /// overloaded, is skipped.
    static let maximumLateness: Duration = .milliseconds(250)
    /// The least that two timestamps are apart: 1 ms.
    static let minimumStep: Int64 = 90

    private enum Showing {
        case placeholder(since: Instant)
        case live
    }

    private(set) var interval: Duration
    /// When something has to be encoded if no frame comes before.
    private(set) var deadline: Instant

    private var framesPerSecond: Int
    /// The instant of timestamp zero, before any capture time that could come.
    let origin: Instant
    private var limiter: FrameRateLimiter
    private var gaps = ArrivalGaps()
    private var rate = PictureRate()
    private var showing: Showing
    private var lastTimestamp: Int64?
    /// When the picture with ``lastTimestamp`` was encoded.
    private var lastEncoded: Instant
    /// Until when the pictures of the past go; nil when there are none to make.
    private var runInEnd: Instant?

    /// - Parameters:
    ///   - framesPerSecond: 1…60
    ///   - firstDeadline: how long a first frame is waited for before the placeholder is shown.
    init(framesPerSecond: Int, at now: Instant, firstDeadline: Duration = .zero) {
        self.framesPerSecond = framesPerSecond
        interval = .seconds(1) / framesPerSecond
        origin = now - .seconds(10)
        limiter = FrameRateLimiter(framesPerSecond: Double(framesPerSecond))
        showing = .placeholder(since: now)
        lastEncoded = now
        deadline = now + firstDeadline
    }

    /// Another rate from the next picture on; the time line goes on.
    mutating func follow(framesPerSecond: Int) {
        guard framesPerSecond != self.framesPerSecond else { return }
        self.framesPerSecond = framesPerSecond
        interval = .seconds(1) / framesPerSecond
        limiter = FrameRateLimiter(framesPerSecond: Double(framesPerSecond))
        rate = PictureRate()
        guard let lastTimestamp, !showsPlaceholder else { return }
        limiter.replace(instant(of: lastTimestamp))
        // A slower one is waited for before the last picture is repeated.
        deadline = max(deadline, lastEncoded + interval + max(interval, gaps.patience))
    }

    /// The placeholder is shown at once if nothing else has been shown yet.
    mutating func hurry(now: Instant) {
        if lastTimestamp == nil { deadline = now }
    }

    /// Stamps a picture that is passed on as it is. It can't be repeated, so the next deadline is when the signal counts
    /// as lost.
    mutating func copied(capturedAt captureTime: Instant, now: Instant) -> Int64 {
        showing = .live
        // When frames are encoded again, the grid begins with the first.
        limiter = FrameRateLimiter(framesPerSecond: Double(framesPerSecond))
        deadline = now + WriterArbiter.freshness
        return stamp(ticks(since: origin, at: captureTime), now: now)
    }

    /// Nothing is done before the instant.
    mutating func postpone(until instant: Instant) { deadline = max(deadline, instant) }

    /// How many pictures a second there are while a writer is shown; nil until that is known.
    var measuredRate: Double? { rate.framesPerSecond }

    var showsPlaceholder: Bool {
        if case .placeholder = showing { true } else { false }
    }

    /// A frame of the selected writer has arrived.
    mutating func frameArrived(capturedAt captureTime: Instant, now: Instant) -> Admission {
        let keyframe = showsPlaceholder
        if keyframe {
            // The grid begins with the picture that ends the placeholder.
            limiter = FrameRateLimiter(framesPerSecond: Double(framesPerSecond))
            gaps = ArrivalGaps()
            rate = PictureRate()
        }
        gaps.pictureArrived(at: now)
        guard limiter.admit(captureTime) else { return .skip }
        showing = .live
        deadline = now + interval + max(interval, gaps.patience)
        rate.note(captureTime)
        return .encode(timestamp: stamp(ticks(since: origin, at: captureTime), now: now), keyframe: keyframe)
    }

    /// A viewer waits for a picture: the last one is repeated if none comes within two frame intervals.
    mutating func pictureWanted(now: Instant) {
        guard !showsPlaceholder else { return }
        deadline = min(deadline, max(now, lastEncoded + interval * 2))
    }

    /// - Parameter hasSignal: whether a writer is eligible.
    mutating func deadlinePassed(now: Instant, hasSignal: Bool) -> DeadlineAction {
        guard now >= deadline else { return .wait }
        if lastTimestamp == nil {
            runInEnd = now
            deadline = now - Self.runInInterval * (Self.runInPictures - 1)
        }
        if let end = runInEnd, deadline >= end { runInEnd = nil }
        // A picture belongs to the deadline that asked for it, not to the moment the thread woke up.
        let due = runInEnd == nil ? max(deadline, now - Self.maximumLateness) : deadline
        let timestamp = stamp(continued(at: due), now: due)
        switch showing {
        case .live where hasSignal:
            let instant = instant(of: timestamp)
            limiter.replace(instant)
            rate.note(instant)
            deadline = due + max(interval * 2, gaps.patience)
            return .repeatLast(timestamp: timestamp)
        case .live:
            showing = .placeholder(since: now)
            deadline = due + interval
            return .placeholder(timestamp: timestamp)
        case .placeholder(let since):
            deadline = due + placeholderInterval(isWarm: since.duration(to: now) >= Self.placeholderWarmUp)
            return .placeholder(timestamp: timestamp)
        }
    }

    private func placeholderInterval(isWarm: Bool) -> Duration {
        if runInEnd != nil { return Self.runInInterval }
        return isWarm ? max(interval, .seconds(1) / Self.placeholderRate) : interval
    }

    /// The instant that a timestamp stands for.
    func instant(of timestamp: Int64) -> Instant {
        origin + .seconds(Double(timestamp) / Double(Self.clockRate))
    }

    /// The time line goes on from the last picture at the speed of the clock, whatever the delay of that picture was.
    private func continued(at now: Instant) -> Int64 {
        guard let lastTimestamp else { return ticks(since: origin, at: now) }
        return lastTimestamp + ticks(since: lastEncoded, at: now)
    }

    private mutating func stamp(_ timestamp: Int64, now: Instant) -> Int64 {
        let stamped = lastTimestamp.map { max(timestamp, $0 + Self.minimumStep) } ?? max(timestamp, 0)
        lastTimestamp = stamped
        lastEncoded = now
        return stamped
    }

    private func ticks(since start: Instant, at instant: Instant) -> Int64 {
        let (seconds, attoseconds) = start.duration(to: instant).components
        // 10¹⁸ attoseconds a second; rounded to the nearest tick.
        let fraction = Double(attoseconds) / 1e18 * Double(Self.clockRate)
        return seconds * Int64(Self.clockRate) + Int64(fraction.rounded())
    }
}
