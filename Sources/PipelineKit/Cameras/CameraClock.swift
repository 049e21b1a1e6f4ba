import MediaKit
import StreamProtocols

/// Tells when a camera's pictures were captured and its sound was recorded, on one clock.
///
/// The pictures tell the time (``CaptureClock``), and the sound follows. Which timestamps of the two belong together, the camera's
/// sender reports tell (RFC 3550 §6.4.1), unless they are on one clock anyway. Until they do, the timestamps that it begins with
/// (RFC 2326 §12.33) belong together, or else what arrives together. Sound that has drifted away is brought back so slowly that
/// nobody hears it, and cut where it is too far away for that.
struct CameraClock: Sendable {
    /// How far sound may be away from its picture here, so that with what others add it stays within 40 ms.
    static let maximumError: Duration = .milliseconds(30)
    /// A camera sends its sound as it sends its picture, when it is there: reports and timestamps that say otherwise are wrong,
    /// and cameras send any.
    static let maximumDisagreement: Duration = .seconds(2)
    /// What it says of its beginning is often the timestamp that happens to be the first of each track, and believed less.
    static let maximumLead: Duration = .milliseconds(500)
    /// For so long after the beginning: then the clocks of picture and sound may have drifted away from what it says.
    static let beginning: Duration = .seconds(10)

    /// Where a frame of sound belongs.
    struct Place: Sendable, Equatable {
        /// On a line that only goes forward, in units of the sound's clock.
        var presentationTime: Int64
        var captureTime: MonotonicInstant
        /// How much later it was really recorded.
        var lag: Duration
    }

    private var pictures: CaptureClock
    /// The sound alone, by when it arrives.
    private var arrivals: CaptureClock
    private let epoch: MonotonicInstant
    private let sharesClock: Bool
    private let sound: RTPFormat?
    private var line: TrackTimeline
    /// Where the last frame ends on the line; nil before the first.
    private var end: Int64?
    /// By the camera's reports.
    private var reported = Correspondence()
    /// By what it says of its beginning.
    private var begun = Correspondence()
    /// How much later sound was recorded than its arrival says, as the camera's beginning shows.
    private var lead: Duration = .zero

    /// - Parameters:
    ///   - sound: nil without.
    ///   - sharesClock: whether timestamps of sound and pictures that are equal belong together.
    init(sound: RTPFormat?, sharesClock: Bool, epoch: MonotonicInstant = .now) {
        self.epoch = epoch
        self.sharesClock = sharesClock
        pictures = CaptureClock(epoch: epoch)
        arrivals = CaptureClock(epoch: epoch)
        self.sound = sound
        line = TrackTimeline(clockRate: sound?.clockRate ?? 1, isSound: true)
    }

    /// The camera says that these timestamps belong together.
    mutating func begins(picture: UInt32, sound: UInt32) {
        begun.picture.pending = (picture, .zero)
        begun.sound.pending = (sound, .zero)
    }

    /// The camera says which time of its wall clock a timestamp is.
    mutating func report(_ report: RTCPSenderReport, isSound: Bool) {
        let told = (report.rtpTimestamp, report.ntpTimestamp.sinceUnixEpoch)
        if isSound { reported.sound.pending = told } else { reported.picture.pending = told }
    }

    /// The capture time of a picture, never later than its arrival.
    mutating func captureTime(timestamp: MediaTime?, arrival: MonotonicInstant) -> MonotonicInstant {
        let captureTime = pictures.captureTime(timestamp: timestamp, arrival: arrival)
        if let timestamp {
            let pictures = pictures
            // By the clock that knows how fast the camera really counts.
            let elapsed: (MediaTime, MediaTime) -> Duration? = { from, to in
                guard let from = pictures.captureTime(of: from), let to = pictures.captureTime(of: to) else {
                    return nil
                }
                return from.duration(to: to)
            }
            if !reported.picture.update(timestamp, elapsed: elapsed) { reported.sound = WallTime() }
            _ = begun.picture.update(timestamp, elapsed: elapsed)
        }
        return captureTime
    }

    /// Where a frame of sound belongs; nil for one that would be heard twice.
    mutating func place(_ frame: SoundFrame) -> Place? {
        let timestamp = MediaTime(
            ticks: frame.timestamp, timeBase: MediaTimeBase(denominator: Int32(clamping: line.clockRate)))
        let arrived = arrivals.captureTime(timestamp: timestamp, arrival: frame.arrivalTime)
        let elapsed: (MediaTime, MediaTime) -> Duration? = { $1.duration - $0.duration }
        if !reported.sound.update(timestamp, elapsed: elapsed) { reported.picture = WallTime() }
        _ = begun.sound.update(timestamp, elapsed: elapsed)
        let target = line.signedTicks(epoch.duration(to: captureTime(of: timestamp, arrived: arrived)))
        let error = line.error(of: frame.timestamp, target: target)
        if !error.isWithin(Self.maximumError) { line.beginAnew() }
        if let end, line.begins(with: frame.timestamp), target < end { return nil }
        let placed = line.place(frame.timestamp, arrival: epoch.duration(to: arrived), target: target)
        end = placed &+ (sound?.media.duration(of: frame.bytes, clockRate: sound?.clockRate ?? 1) ?? 0)
        return Place(
            presentationTime: placed, captureTime: epoch + line.duration(placed),
            lag: line.error(of: frame.timestamp, target: target))
    }

    private mutating func captureTime(of timestamp: MediaTime, arrived: MonotonicInstant) -> MonotonicInstant {
        let told = sharesClock ? pictures.captureTime(of: timestamp) : reported.captureTime(of: timestamp, by: pictures)
        if let told, arrived.duration(to: told).isWithin(Self.maximumDisagreement) { return told }
        if begun.sound.age(at: timestamp).isWithin(Self.beginning),
            let lead = begun.captureTime(of: timestamp, by: pictures).map({ arrived.duration(to: $0) }),
            lead.isWithin(Self.maximumLead)
        {
            self.lead = lead
        }
        return arrived + lead
    }
}

extension Duration {
    fileprivate func isWithin(_ limit: Duration) -> Bool { (.zero - limit...limit).contains(self) }
}

/// Which timestamps of a camera's picture and sound belong together.
private struct Correspondence {
    var picture = WallTime()
    var sound = WallTime()

    /// nil while it is not known.
    func captureTime(of timestamp: MediaTime, by pictures: CaptureClock) -> MonotonicInstant? {
        guard let picture = picture.known, let sound = sound.known,
            let captured = pictures.captureTime(of: picture.timestamp)
        else { return nil }
        return captured + (sound.wallTime + (timestamp.duration - sound.timestamp.duration) - picture.wallTime)
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
    var pending: (rtpTimestamp: UInt32, wallTime: Duration)?

    /// How much later a timestamp is than what is known.
    func age(at timestamp: MediaTime) -> Duration { known.map { timestamp.duration - $0.timestamp.duration } ?? .zero }

    /// Takes over the report that came last.
    ///
    /// - Parameters:
    ///   - timestamp: the newest of the track, in units of its clock.
    ///   - elapsed: between two timestamps; nil when that is not known.
    /// - Returns: false when it disproves what was known: the wall clock is another one.
    mutating func update(_ timestamp: MediaTime, elapsed: (MediaTime, MediaTime) -> Duration?) -> Bool {
        guard let told = pending else { return true }
        pending = nil
        // RFC 3550 §5.1: the wrapped difference read as signed is the step.
        let step = Int32(bitPattern: told.rtpTimestamp &- UInt32(truncatingIfNeeded: timestamp.ticks))
        let reported = MediaTime(ticks: timestamp.ticks &+ Int64(step), timeBase: timestamp.timeBase)
        guard let known, let elapsed = elapsed(known.timestamp, reported) else {
            self.known = (reported, told.wallTime)
            return true
        }
        let expected = known.wallTime + elapsed
        let isConsistent = (told.wallTime - expected).isWithin(Self.clockStep)
        self.known = (
            reported, isConsistent ? expected + (told.wallTime - expected) / Self.smoothing : told.wallTime
        )
        return isConsistent
    }
}
