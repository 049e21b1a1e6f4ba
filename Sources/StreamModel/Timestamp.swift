import Foundation

/// A moment of wall-clock time as the API writes it: ISO 8601 in UTC with microseconds. We keep milliseconds, so that what
/// is stored and read again is equal.
public enum Timestamp {
    /// This moment.
    public static func now() -> Date { toMilliseconds(Date()) }

    private static func toMilliseconds(_ date: Date) -> Date {
        Date(timeIntervalSinceReferenceDate: (date.timeIntervalSinceReferenceDate * 1000).rounded() / 1000)
    }

    /// `2026-11-21T10:20:29.123456Z`
    public static func format(_ date: Date) -> String {
        let micros = (date.timeIntervalSince1970 * 1_000_000).rounded()
        let seconds = (micros / 1_000_000).rounded(.down)
        let fraction = Int(micros - seconds * 1_000_000)
        let whole = Date(timeIntervalSince1970: seconds).formatted(.iso8601)
        return whole.replacing("Z", with: "") + "." + String(fraction + 1_000_000).dropFirst() + "Z"
    }

    /// Reads ISO 8601 with or without a fraction and with any offset; nil when the text is none.
    public static func parse(_ text: String) -> Date? {
        let date =
            (try? Date.ISO8601FormatStyle(includingFractionalSeconds: true).parse(text))
            ?? (try? Date.ISO8601FormatStyle().parse(text))
        return date.map(toMilliseconds)
    }
}
