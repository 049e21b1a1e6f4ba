import MediaKit
import StreamProtocols

/// Tells when a camera's pictures were captured and its sound was recorded, on one clock.
///
/// The pictures tell the time (``CaptureClock``), and the sound follows. Which timestamps of the two belong together, the camera's
/// sender reports tell (RFC 3550 §6.4.1), unless they are on one clock anyway; until they do, what arrives together does. Sound
/// that has drifted away is brought back so slowly that nobody hears it, and cut where it is too far away for that.
struct CameraClock: Sendable {
    /// How far sound may be away from its picture.
    static let maximumError: Duration = .milliseconds(40)
    /// A camera sends its sound as it sends its picture, when it is there: reports and timestamps that say otherwise are wrong,
    /// and cameras send any.
    static let maximumDisagreement: Duration = .seconds(2)

    private var pictures: CaptureClock
    /// The sound alone, by when it arrives.
    private var arrivals: CaptureClock
    private let epoch: MonotonicInstant
    private let sharesClock: Bool
    private var line: TrackTimeline
    private var pictureWallTime = WallTime()
    private var soundWallTime = WallTime()

    /// - Parameters:
    ///   - soundClockRate: of the sound's timestamps; any without sound.
    ///   - sharesClock: whether timestamps of sound and pictures that are equal belong together.
    init(soundClockRate: UInt32, sharesClock: Bool, epoch: MonotonicInstant = .now) {
        self.epoch = epoch
        self.sharesClock = sharesClock
        pictures = CaptureClock(epoch: epoch)
        arrivals = CaptureClock(epoch: epoch)
        line = TrackTimeline(clockRate: soundClockRate, isSound: true)
    }

    /// The camera says which time of its wall clock a timestamp is.
    mutating func report(_ report: RTCPSenderReport, isSound: Bool) {
        if isSound { soundWallTime.pending = report } else { pictureWallTime.pending = report }
    }

    /// The capture time of a picture, never later than its arrival.
    mutating func captureTime(timestamp: MediaTime?, arrival: MonotonicInstant) -> MonotonicInstant {
        let captureTime = pictures.captureTime(timestamp: timestamp, arrival: arrival)
        if let timestamp {
            let pictures = pictures
            // By the clock that knows how fast the camera really counts.
            let isConsistent = pictureWallTime.update(timestamp) { from, to in
                guard let from = pictures.captureTime(of: from), let to = pictures.captureTime(of: to) else {
                    return nil
                }
                return from.duration(to: to)
            }
            if !isConsistent { soundWallTime = WallTime() }
        }
        return captureTime
    }

    /// Where a frame of sound belongs, on a line that only goes forward; nil for one that would be heard twice.
    mutating func place(_ frame: SoundFrame) -> (presentationTime: Int64, captureTime: MonotonicInstant)? {
        let timestamp = MediaTime(
            ticks: frame.timestamp, timeBase: MediaTimeBase(denominator: Int32(clamping: line.clockRate)))
        let arrived = arrivals.captureTime(timestamp: timestamp, arrival: frame.arrivalTime)
        if !soundWallTime.update(timestamp, elapsed: { $1.duration - $0.duration }) { pictureWallTime = WallTime() }
        let target = line.signedTicks(epoch.duration(to: captureTime(of: timestamp, arrived: arrived)))
        let error = line.error(of: frame.timestamp, target: target)
        if !(.zero - Self.maximumError...Self.maximumError).contains(error) { line.beginAnew() }
        if let last = line.last, line.begins(with: frame.timestamp), target <= last { return nil }
        let placed = line.place(frame.timestamp, arrival: epoch.duration(to: arrived), target: target)
        return (placed, epoch + line.duration(placed))
    }

    private func captureTime(of timestamp: MediaTime, arrived: MonotonicInstant) -> MonotonicInstant {
        let told: MonotonicInstant? =
            if sharesClock {
                pictures.captureTime(of: timestamp)
            } else if let picture = pictureWallTime.known, let sound = soundWallTime.known,
                let captured = pictures.captureTime(of: picture.timestamp)
            {
                captured + (sound.wallTime + (timestamp.duration - sound.timestamp.duration) - picture.wallTime)
            } else {
                nil
            }
        guard let told,
            (.zero - Self.maximumDisagreement...Self.maximumDisagreement).contains(arrived.duration(to: told))
        else { return arrived }
        return told
    }
}

/// Which time of a camera's wall clock a timestamp of a track is, by its sender reports.
private struct WallTime {
    /// Two reports that differ by more than clocks can drift in between: the wall clock was set.
    static let clockStep: Duration = .milliseconds(200)
    /// Many cameras report the timestamp of what they sent last, which is a picture or a frame too old, more or less; each
    /// report is followed by a part.
    static let smoothing = 4

    private(set) var known: (timestamp: MediaTime, wallTime: Duration)?
    /// What came last; its timestamp can be told when one near it has come.
    var pending: RTCPSenderReport?

    /// Takes over the report that came last.
    ///
    /// - Parameters:
    ///   - timestamp: the newest of the track, in units of its clock.
    ///   - elapsed: between two timestamps; nil when that is not known.
    /// - Returns: false when it disproves what was known: the wall clock is another one.
    mutating func update(_ timestamp: MediaTime, elapsed: (MediaTime, MediaTime) -> Duration?) -> Bool {
        guard let report = pending else { return true }
        pending = nil
        // RFC 3550 §5.1: the wrapped difference read as signed is the step.
        let step = Int32(bitPattern: report.rtpTimestamp &- UInt32(truncatingIfNeeded: timestamp.ticks))
        let reported = MediaTime(ticks: timestamp.ticks &+ Int64(step), timeBase: timestamp.timeBase)
        let wallTime = report.ntpTimestamp.sinceUnixEpoch
        guard let known, let elapsed = elapsed(known.timestamp, reported) else {
            self.known = (reported, wallTime)
            return true
        }
        let expected = known.wallTime + elapsed
        let isConsistent = (.zero - Self.clockStep...Self.clockStep).contains(wallTime - expected)
        self.known = (reported, isConsistent ? expected + (wallTime - expected) / Self.smoothing : wallTime)
        return isConsistent
    }
}
