/// When the publisher of a track is asked for a keyframe. A value without a clock: it is told what happens, and says what to do.
struct KeyframeWish: Equatable {
    /// Between two requests at least: the pictures of all others must not get worse because one viewer asks again and again.
    static let interval: Duration = .seconds(1)
    /// Between a keyframe and a request at least: whoever asks so early has not seen it yet.
    static let settling: Duration = .milliseconds(250)
    /// A request may get lost. Most cameras, and ffmpeg, follow none.
    static let attemptLimit = 3

    enum Action: Equatable {
        case nothing
        /// Ask, and call ``timerFired(at:)`` after ``interval``.
        case ask
        /// Call ``timerFired(at:)`` after so long.
        case wait(Duration)
    }

    private(set) var lastKeyframe: Duration?
    private var lastRequest: Duration?
    private var attemptsLeft = 0

    /// Somebody needs a keyframe.
    mutating func wanted(at now: Duration) -> Action {
        attemptsLeft = Self.attemptLimit
        return timerFired(at: now)
    }

    mutating func timerFired(at now: Duration) -> Action {
        guard attemptsLeft > 0 else { return .nothing }
        let earliest = max(
            lastRequest.map { $0 + Self.interval } ?? now, lastKeyframe.map { $0 + Self.settling } ?? now)
        guard now >= earliest else { return .wait(earliest - now) }
        attemptsLeft -= 1
        lastRequest = now
        return .ask
    }

    /// Whoever needed one has it.
    mutating func keyframeCame(at now: Duration) {
        lastKeyframe = now
        attemptsLeft = 0
    }
}
