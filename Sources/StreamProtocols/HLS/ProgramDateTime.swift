/// A wall-clock instant as HLS writes it: ISO 8601 in UTC with milliseconds (RFC 8216 §4.3.2.6).
public struct ProgramDateTime: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    public var millisecondsSinceEpoch: Int64

    public init(millisecondsSinceEpoch: Int64) {
        self.millisecondsSinceEpoch = millisecondsSinceEpoch
    }

    public static func < (left: ProgramDateTime, right: ProgramDateTime) -> Bool {
        left.millisecondsSinceEpoch < right.millisecondsSinceEpoch
    }

    /// The instant `duration` later, to the millisecond.
    public func advanced(by duration: Duration) -> ProgramDateTime {
        let (seconds, attoseconds) = duration.components
        let milliseconds = seconds.multipliedReportingOverflow(by: 1000).partialValue
        // Wrapping: an instant beyond the year 292 million is wrong anyway and must not trap.
        return ProgramDateTime(
            millisecondsSinceEpoch: millisecondsSinceEpoch &+ milliseconds &+ attoseconds / 1_000_000_000_000_000
        )
    }

    /// For example `2026-02-22T09:05:03.040Z`.
    public var description: String {
        let dayLength: Int64 = 86_400_000
        let (day, millisecondOfDay) = Self.flooredDivision(millisecondsSinceEpoch, by: dayLength)
        let (year, month, dayOfMonth) = Self.civilDate(daysSinceEpoch: day)
        let hour = millisecondOfDay / 3_600_000
        let minute = millisecondOfDay / 60_000 % 60
        let second = millisecondOfDay / 1000 % 60
        return "\(Self.padded(year, 4))-\(Self.padded(month, 2))-\(Self.padded(dayOfMonth, 2))"
            + "T\(Self.padded(hour, 2)):\(Self.padded(minute, 2)):\(Self.padded(second, 2))"
            + ".\(Self.padded(millisecondOfDay % 1000, 3))Z"
    }

    /// The proleptic Gregorian date, counted in eras of 400 years that begin on 1 March so that the leap day comes
    /// last.
    private static func civilDate(daysSinceEpoch: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let daysPerEra: Int64 = 146_097
        let daysFromEraStartToEpoch: Int64 = 719_468
        let (era, dayOfEra) = flooredDivision(daysSinceEpoch + daysFromEraStartToEpoch, by: daysPerEra)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    private static func flooredDivision(_ value: Int64, by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }

    private static func padded(_ value: Int64, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
