/// How long after an announcement the next one of a session follows (RFC 2974 §3.1).
public enum SAPInterval {
    /// Bits a second that all announcements of a group take at most.
    public static let bitRateLimit = 4000
    /// The RFC's 300 s are those of the whole Internet. Here somebody waits for the list, and VLC, which does not heed deletions,
    /// takes a session that it knows well from it after some ten times the interval.
    public static let least: Duration = .seconds(10)

    /// - Parameter byteCount: of the announcements of all sessions, each once.
    public static func base(byteCount: Int) -> Duration {
        max(least, .milliseconds(byteCount * 8 * 1000 / bitRateLimit))
    }

    /// A time around ``base(byteCount:)``, by a third more or less, so that announcements don't come at once.
    public static func next(byteCount: Int, using generator: inout some RandomNumberGenerator) -> Duration {
        let milliseconds = Int(base(byteCount: byteCount) / .milliseconds(1))
        return .milliseconds(Int.random(in: milliseconds * 2 / 3...milliseconds * 4 / 3, using: &generator))
    }
}
