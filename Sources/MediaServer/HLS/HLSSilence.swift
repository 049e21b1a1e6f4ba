import StreamProtocols

/// Fills the holes in a stream's sound with frames in which nothing is heard.
///
/// Players that have been told of sound wait for it, and their pictures stop meanwhile; and a browser can't be told later that there is
/// none, or some after all, without beginning anew. So sound that is announced is there from the first picture on, whatever its camera
/// does. Times are in units of the sound's clock, on the muxer's timeline.
struct HLSSilence: Sendable {
    /// How far sound may come behind its picture before its place is taken…
    private static let leastPatience: Duration = .milliseconds(500)
    /// …and what that may grow to where it always does.
    private static let mostPatience: Duration = .seconds(3)
    /// A step beyond is another clock, and no hole.
    private static let longestHole: Duration = .seconds(20)

    let frame: ArraySlice<UInt8>
    /// Of the frame.
    let duration: Int64
    private let mostPatience: Int64
    private let longestHole: Int64
    private var patience: Int64
    /// Where the sound ends that was placed; nil before the first picture.
    private var end: Int64?
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
            (end, endsInSilence) = (time, false)
            return []
        }
        return fill(until: time &- patience)
    }

    /// Sound has come.
    ///
    /// - Returns: when the silent frames begin that belong before it; nil when its place is taken.
    mutating func frames(beforeSoundAt time: Int64, lasting duration: Int64) -> [Int64]? {
        if let end, endsInSilence, time &+ duration / 2 < end {
            patience = min(max(patience, lastPicture &- time &+ duration), mostPatience)
            return nil
        }
        let times = fill(until: time)
        (end, endsInSilence) = (time &+ duration, false)
        return times
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
