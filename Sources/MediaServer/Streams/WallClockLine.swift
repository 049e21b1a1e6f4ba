/// Which wall time a time of a stream's line is, as its viewers are told.
///
/// What arrives jitters, and each report that followed the jitter would move the viewers' clocks, which ffmpeg shows as times
/// that go back. So it goes on evenly; when a publisher's clock has drifted away, it follows by two milliseconds a report.
struct WallClockLine {
    /// Jitter stays below.
    private static let largestError: Duration = .milliseconds(100)
    private static let largestStep: Duration = .milliseconds(2)
    /// Beyond this the wall clock was set.
    private static let clockStep: Duration = .seconds(2)

    private var offset: Duration?

    /// - Parameters:
    ///   - time: on the stream's line, now.
    ///   - now: on the wall clock.
    mutating func wallTime(of time: Duration, now: Duration) -> Duration {
        let current = now - time
        guard let offset, (.zero - Self.clockStep...Self.clockStep).contains(current - offset) else {
            self.offset = current
            return now
        }
        var step: Duration = .zero
        if current - offset > Self.largestError { step = Self.largestStep }
        if offset - current > Self.largestError { step = .zero - Self.largestStep }
        self.offset = offset + step
        return time + offset + step
    }
}
