/// A point of wall-clock time as RTCP carries it (RFC 3550 §4): seconds since 1900 in 32.32 fixed point.
public struct NTPTimestamp: Sendable, Hashable {
    /// Seconds from 1 January 1900 to 1 January 1970, both 0 h UTC: 70 years with 17 leap days (RFC 868).
    public static let unixEpoch: UInt64 = 2_208_988_800

    public var rawValue: UInt64

    public init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// The timestamp of a moment. The seconds wrap in 2036, as RFC 3550 §4 foresees.
    ///
    /// - Parameter sinceUnixEpoch: time since 1970, 0 h UTC.
    public init(sinceUnixEpoch duration: Duration) {
        let (seconds, attoseconds) = duration.components
        // A negative duration has both parts negative; the fraction must count upwards from the whole second before.
        let whole = attoseconds < 0 ? seconds &- 1 : seconds
        let rest = UInt64(attoseconds < 0 ? attoseconds + 1_000_000_000_000_000_000 : attoseconds)
        let (fraction, _) = UInt64(1_000_000_000_000_000_000).dividingFullWidth((rest >> 32, rest << 32))
        // NTP seconds are modulo 2³².
        rawValue = (UInt64(bitPattern: whole) &+ Self.unixEpoch) << 32 | fraction
    }

    /// The time since 1970, 0 h UTC, for moments from 1970 to 2106.
    public var sinceUnixEpoch: Duration {
        // Modulo 2³², so that the time after the wrap of 2036 comes out right (RFC 4330 §3).
        let seconds = UInt32(truncatingIfNeeded: (rawValue >> 32) &- Self.unixEpoch)
        let (high, low) = (rawValue & 0xFFFF_FFFF).multipliedFullWidth(by: 1_000_000_000_000_000_000)
        let attoseconds = high << 32 | low >> 32
        return Duration(secondsComponent: Int64(seconds), attosecondsComponent: Int64(attoseconds))
    }

    /// The middle 32 bits, which report blocks use (RFC 3550 §6.4.1, LSR).
    public var middle: UInt32 { UInt32(truncatingIfNeeded: rawValue >> 16) }
}
