import StreamProtocols

/// Fills the holes in a stream's sound with frames in which nothing is heard.
///
/// Players that have been told of sound wait for it, and their pictures stop meanwhile; and a browser can't be told later that there is
/// none, or some after all, without beginning anew. So sound that is announced is there from the first picture on, whatever its camera
/// does. Times are in units of the sound's clock, on the muxer's timeline.
///
/// Browsers play sound frame after frame and don't follow small steps of its times: each hole that is no whole number of frames, and each
/// second of a clock that is not quite the picture's, would leave the sound a little more out of step. So each frame is placed where the one
/// before ends, which is where they play it, and one too few or too many is made up for.
struct HLSSilence: Sendable {
    /// Where a frame of sound goes.
    struct Placement: Equatable {
        /// When the silent frames begin that belong before it.
        var silent: [Int64]
        /// When it begins.
        var time: Int64
    }

    /// How far sound may come behind its picture before its place is taken…
    private static let leastPatience: Duration = .milliseconds(500)
    /// …and what that may grow to where it always does.
    private static let mostPatience: Duration = .seconds(3)
    /// A step beyond is another clock, and no hole.
    private static let longestHole: Duration = .seconds(20)
    /// How many frames the lag is averaged over: some cameras stamp their sound by when they come to it.
    private static let averagedFrames: Int64 = 32

    let frame: ArraySlice<UInt8>
    /// Of the frame.
    let duration: Int64
    private let mostPatience: Int64
    private let longestHole: Int64
    private var patience: Int64
    /// Where the sound ends that was placed; nil before the first picture.
    private var end: Int64?
    /// How much later than where they are placed frames are meant to be heard, on average.
    private var lag: Int64 = 0
    private var endsInSilence = false
    private var lastPicture: Int64 = 0

    /// nil for sound of which no silent frame is known.
    init?(_ format: HLSAudioFormat) {
        guard let frame = format.media.silentFrame else { return nil }
        self.frame = frame
        duration = max(format.media.duration(of: frame, clockRate: format.clockRate), 1)
        func ticks(_ duration: Duration) -> Int64 { format.ownTime(HLSTimeline.ticks(duration)) }
        patience = ticks(Self.leastPatience)
        mostPatience = ticks(Self.mostPatience)
        longestHole = ticks(Self.longestHole)
    }

    /// The timeline is another one, from the next picture on.
    mutating func restart() { end = nil }

    /// A picture has come.
    ///
    /// - Returns: when the silent frames begin that are due.
    mutating func frames(beforePictureAt time: Int64) -> [Int64] {
        lastPicture = time
        guard end != nil else {
            begin(at: time)
            return []
        }
        return fill(until: time &- patience)
    }

    /// Sound has come.
    ///
    /// - Returns: nil when its place is taken, or it is one too many.
    mutating func place(soundAt time: Int64, lasting duration: Int64) -> Placement? {
        if let end, endsInSilence, time &+ duration / 2 < end {
            patience = min(max(patience, lastPicture &- time &+ duration), mostPatience)
            return nil
        }
        guard let start = end, (time &- start).magnitude <= longestHole else {
            begin(at: time &+ duration)
            return Placement(silent: [], time: time)
        }
        let missing = missingFrames(before: time, end: start)
        guard missing >= 0 else { return nil }
        let silent = (0..<missing).map { start &+ $0 * self.duration }
        let placed = start &+ missing * self.duration
        (end, endsInSilence) = (placed &+ duration, false)
        return Placement(silent: silent, time: placed)
    }

    /// How many frames are missing up to one that is meant for `time`; -1 when it is one too many.
    private mutating func missingFrames(before time: Int64, end: Int64) -> Int64 {
        let lag = time &- end
        if lag >= duration {
            let missing = (lag &+ duration / 2) / duration
            self.lag = lag &- missing * duration
            return missing
        }
        self.lag += (lag &- self.lag) / Self.averagedFrames
        // More than a half, or what was made up for would soon have to be undone.
        guard abs(self.lag) >= duration * 5 / 8 else { return 0 }
        let missing: Int64 = self.lag > 0 ? 1 : -1
        self.lag -= missing * duration
        return missing
    }

    private mutating func begin(at time: Int64) {
        (end, lag, endsInSilence) = (time, 0, false)
    }

    /// One frame, for a segment that would else have no sound; nil before the first picture.
    mutating func oneFrame() -> Int64? { end.flatMap { fill(until: $0 &+ duration).first } }

    private mutating func fill(until limit: Int64) -> [Int64] {
        guard let start = end else { return [] }
        let hole = limit &- start
        guard hole >= duration, hole <= longestHole else { return [] }
        let times = (0..<hole / duration).map { start &+ $0 * duration }
        end = start &+ Int64(times.count) * duration
        endsInSilence = true
        return times
    }
}
