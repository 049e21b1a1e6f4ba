import StreamProtocols

/// The one clock of a stream's tracks, so that sound stays with its picture.
///
/// The RTP timestamps of two tracks begin anywhere (RFC 3550 §5.1). Which belong together only the publisher's sender reports
/// tell (§6.4.1); until they come, what arrives together does. ffmpeg sends the first report before the first packet, others
/// within five seconds: then the picture is moved to the sound, by a tenth of its pace, which nobody sees.
struct StreamTimeline {
    /// Two reports of a track that differ by more than its clock can drift in between: the publisher's wall clock was set.
    static let clockStep: Duration = .milliseconds(200)
    /// Reports that put a track so far from where it arrives are wrong: cameras send any.
    static let maximumOffset: Duration = .seconds(10)

    private struct Track {
        var timeline: TrackTimeline
        var isSound: Bool
        var report: (wallTime: Duration, rtpTimestamp: UInt32, arrival: Duration)?
        /// Whether ``anchor`` is true of this track's report.
        var isAnchored = false
    }

    private var tracks: [Track]
    /// When the line began, on the engine's clock.
    private var origin: Duration?
    /// The line's time less the publisher's wall time.
    private var anchor: Duration?
    /// The first track of sound: the others follow it.
    private let soundIndex: Int?
    /// Whether the first sample had a report. What began otherwise is not told another time later, which viewers would follow.
    private var isReportedFromStart = false

    init(_ formats: [RTPFormat]) {
        tracks = formats.map { format in
            let isSound = format.media.kind == .audio
            return Track(
                timeline: TrackTimeline(clockRate: format.clockRate, isSound: isSound), isSound: isSound)
        }
        soundIndex = tracks.firstIndex(where: \.isSound)
    }

    /// The next samples are another publisher's.
    mutating func publisherChanged() {
        for index in tracks.indices { tracks[index].timeline.beginAnew() }
        forgetReports()
    }

    private mutating func forgetReports() {
        anchor = nil
        for index in tracks.indices {
            tracks[index].report = nil
            tracks[index].isAnchored = false
        }
    }

    /// The publisher says which time of its wall clock an RTP timestamp of a track is.
    ///
    /// - Parameter now: on the engine's clock.
    mutating func report(_ report: RTCPSenderReport, track index: Int, now: Duration) {
        let wallTime = report.ntpTimestamp.sinceUnixEpoch
        if let former = tracks[index].report {
            // RFC 3550 §5.1: the wrapped difference read as signed is the step.
            let step = Int32(bitPattern: report.rtpTimestamp &- former.rtpTimestamp)
            let difference = wallTime - former.wallTime - tracks[index].timeline.duration(Int64(step))
            if !(.zero - Self.clockStep...Self.clockStep).contains(difference) { forgetReports() }
        }
        tracks[index].report = (wallTime, report.rtpTimestamp, now)
    }

    /// The time of a track's sample on the line, in units of the track's clock.
    ///
    /// - Parameters:
    ///   - timestamp: unwrapped, of the current publisher.
    ///   - now: on the engine's clock.
    mutating func place(_ timestamp: Int64, track index: Int, now: Duration) -> Int64 {
        let start = origin ?? now
        let arrival = now - start
        let wallTime = wallTime(of: timestamp, track: index)
        if origin == nil { isReportedFromStart = wallTime != nil }
        origin = start
        let isBeginning = tracks[index].timeline.begins(with: timestamp)
        var target: Int64?
        if let wallTime, let anchor, tracks[index].isAnchored || isBeginning {
            let line = wallTime + anchor
            let expected = isBeginning ? arrival : tracks[index].timeline.duration(tracks[index].timeline.last ?? 0)
            if (.zero - Self.maximumOffset...Self.maximumOffset).contains(line - expected) {
                target = tracks[index].timeline.signedTicks(line)
                tracks[index].isAnchored = true
            } else {
                forgetReports()
            }
        }
        let placed = tracks[index].timeline.place(timestamp, arrival: arrival, target: target)
        if let wallTime, !tracks[index].isAnchored, tracks[index].report != nil {
            // The first that has a report says where the line is; sound that gets one later stays where it is as well.
            if anchor == nil || index == soundIndex { anchor = tracks[index].timeline.duration(placed) - wallTime }
            tracks[index].isAnchored = true
        }
        return placed
    }

    private func wallTime(of timestamp: Int64, track index: Int) -> Duration? {
        tracks[index].report.map { report in
            // RFC 3550 §5.1: the wrapped difference read as signed is the step.
            let step = Int32(bitPattern: UInt32(truncatingIfNeeded: timestamp) &- report.rtpTimestamp)
            return report.wallTime + tracks[index].timeline.duration(Int64(step))
        }
    }

    /// A time of the line in units of a track's clock.
    func ticks(_ time: Duration, track index: Int) -> Int64 { tracks[index].timeline.ticks(time) }

    /// The time on the line of a moment after the last sample came; nil before the first.
    func time(at now: Duration) -> Duration? {
        guard let origin else { return nil }
        let newest = tracks.compactMap { track in
            track.timeline.time(at: now - origin).map { track.timeline.duration($0) }
        }.max()
        // A publisher may begin with pictures of the past, all at once: the first of them says nothing about now, and its report does.
        guard isReportedFromStart, let newest, let anchor,
            let report = tracks.compactMap(\.report).max(by: { $0.arrival < $1.arrival })
        else { return newest }
        let reported = report.wallTime + anchor + (now - report.arrival)
        return (.zero - Self.maximumOffset...Self.maximumOffset).contains(reported - newest) ? reported : newest
    }
}
