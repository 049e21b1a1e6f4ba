/// Durations as the engine's file and API write them: `10s`, `200ms`, `1m30s`, `1h`.
public enum DurationText {
    private static let unitsInNanoseconds: [(name: String, nanoseconds: Int64)] = [
        ("ms", 1_000_000), ("us", 1000), ("µs", 1000), ("ns", 1),
        ("h", 3_600_000_000_000), ("m", 60_000_000_000), ("s", 1_000_000_000),
    ]

    /// Reads a duration; nil when the text is none, is negative, or is over a year.
    public static func parse(_ text: String) -> Duration? {
        var rest = text[...]
        var total: Double = 0
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let number = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            rest = rest[number.endIndex...]
            guard let value = Double(number), let unit = unitsInNanoseconds.first(where: { rest.hasPrefix($0.name) })
            else { return nil }
            rest = rest.dropFirst(unit.name.count)
            total += value * Double(unit.nanoseconds)
        }
        guard total <= 365 * 86400 * 1e9 else { return nil }
        return .nanoseconds(Int64(total))
    }

    /// `10s`, `1500ms`: in the largest unit, up to seconds, that needs no fraction.
    public static func format(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        let nanoseconds = seconds * 1_000_000_000 + attoseconds / 1_000_000_000
        if nanoseconds % 1_000_000_000 == 0 { return "\(nanoseconds / 1_000_000_000)s" }
        if nanoseconds % 1_000_000 == 0 { return "\(nanoseconds / 1_000_000)ms" }
        return "\(nanoseconds)ns"
    }
}

/// Sizes in bytes as the engine's file and API write them: `50M`, `512K`, `1G`, or a plain number.
public enum ByteCountText {
    private static let units: [(name: String, bytes: Int)] = [
        ("KB", 1 << 10), ("MB", 1 << 20), ("GB", 1 << 30), ("K", 1 << 10), ("M", 1 << 20), ("G", 1 << 30), ("B", 1),
    ]

    /// Reads a size; nil when the text is none or is over a terabyte.
    public static func parse(_ text: String) -> Int? {
        let upper = text.uppercased()
        let unit = units.first { upper.hasSuffix($0.name) } ?? ("", 1)
        guard let value = Double(upper.dropLast(unit.name.count)), value >= 0, value * Double(unit.bytes) <= 1e12 else {
            return nil
        }
        return Int(value * Double(unit.bytes))
    }

    /// `50M`, `512K` or a plain number: in the largest unit that needs no fraction.
    public static func format(_ bytes: Int) -> String {
        for (name, size) in [("G", 1 << 30), ("M", 1 << 20), ("K", 1 << 10)] where bytes >= size && bytes % size == 0 {
            return "\(bytes / size)\(name)"
        }
        return String(bytes)
    }
}
