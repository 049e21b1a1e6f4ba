import StreamProtocols

/// The RTP timestamps of one track as a viewer gets them, which go on when the track comes of another stream from then on: those of each
/// stream begin at random. The wall clock that both streams' reports tell is what they have in common. A value.
struct TimestampLine {
    private let clockRate: UInt32
    /// Added to the stream's, modulo 2³² (RFC 3550 §5.1).
    private var shift: UInt32 = 0
    /// What the viewer was told last: which of its timestamps belongs to which time.
    private var told: (wallTime: NTPTimestamp, timestamp: UInt32)?
    private var last: (timestamp: UInt32, at: Duration)?
    /// Whether nothing has said yet where another stream is.
    private var isUnplaced = false
    /// Whether the next sample is the first of another stream.
    private var awaitsSample = false

    init(clockRate: UInt32) { self.clockRate = clockRate }

    /// What comes from now on is another stream's.
    mutating func streamChanged() {
        (isUnplaced, awaitsSample) = (true, true)
    }

    /// Takes a report of the stream.
    ///
    /// - Returns: the timestamp that the viewer is told for its time.
    mutating func report(_ timestamp: UInt32, at wallTime: NTPTimestamp) -> UInt32 {
        if isUnplaced, let told {
            shift = told.timestamp &+ ticks(wallTime.sinceUnixEpoch - told.wallTime.sinceUnixEpoch) &- timestamp
            isUnplaced = false
        }
        let placed = timestamp &+ shift
        told = (wallTime, placed)
        return placed
    }

    /// - Returns: the timestamp of a sample for the viewer.
    mutating func place(_ timestamp: UInt32, at now: Duration) -> UInt32 {
        if awaitsSample, let last {
            // One that has just begun reports later: as much time has gone by as between the arrivals.
            if isUnplaced { shift = last.timestamp &+ ticks(now - last.at) &- timestamp }
            // The clocks of two streams may differ by a picture: none has the time of one before.
            if Int32(bitPattern: timestamp &+ shift &- last.timestamp) <= 0 {
                shift = last.timestamp &+ 1 &- timestamp
            }
        }
        (isUnplaced, awaitsSample) = (false, false)
        let placed = timestamp &+ shift
        last = (placed, now)
        return placed
    }

    private func ticks(_ time: Duration) -> UInt32 {
        UInt32(truncatingIfNeeded: Int64((time / .seconds(1) * Double(clockRate)).rounded()))
    }
}
