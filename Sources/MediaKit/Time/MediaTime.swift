/// The unit in which a stream counts time: one tick lasts `numerator / denominator` seconds.
public struct MediaTimeBase: Sendable, Hashable, CustomStringConvertible {
    public let numerator: Int32
    public let denominator: Int32

    /// Both numbers must be positive; a libav stream that declares neither gets ``microseconds``.
    public init(numerator: Int32 = 1, denominator: Int32) {
        self.numerator = max(numerator, 1)
        self.denominator = max(denominator, 1)
    }

    /// The 90 kHz clock of MPEG systems and of every RTP video payload format (RFC 3551 §5).
    public static let mpeg = MediaTimeBase(denominator: 90_000)
    public static let microseconds = MediaTimeBase(denominator: 1_000_000)

    public var description: String { "\(numerator)/\(denominator)" }
}

/// A point on a stream's own time line: a tick count and the unit it is counted in.
public struct MediaTime: Sendable, Hashable, CustomStringConvertible {
    public let ticks: Int64
    public let timeBase: MediaTimeBase

    public init(ticks: Int64, timeBase: MediaTimeBase) {
        self.ticks = ticks
        self.timeBase = timeBase
    }

    /// `duration` after the origin, rounded to the nearest tick.
    public init(_ duration: Duration, timeBase: MediaTimeBase = .mpeg) {
        self.ticks = MediaTime.rescale(
            duration.wholeNanoseconds, from: MediaTimeBase(denominator: 1_000_000_000), to: timeBase)
        self.timeBase = timeBase
    }

    public var seconds: Double {
        Double(ticks) * Double(timeBase.numerator) / Double(timeBase.denominator)
    }

    /// The time since the origin, rounded to the nearest nanosecond.
    public var duration: Duration {
        .nanoseconds(MediaTime.rescale(ticks, from: timeBase, to: MediaTimeBase(denominator: 1_000_000_000)))
    }

    /// The same point counted in other units, rounded to the nearest tick.
    public func rescaled(to other: MediaTimeBase) -> MediaTime {
        timeBase == other
            ? self : MediaTime(ticks: MediaTime.rescale(ticks, from: timeBase, to: other), timeBase: other)
    }

    public var description: String { "\(ticks)×\(timeBase)" }

    /// Rounds half away from zero, as libav's `av_rescale_q` does; saturates instead of overflowing.
    static func rescale(_ ticks: Int64, from source: MediaTimeBase, to target: MediaTimeBase) -> Int64 {
        let multiplier = Int128(source.numerator) * Int128(target.denominator)
        let divisor = Int128(source.denominator) * Int128(target.numerator)
        let product = Int128(ticks) * multiplier
        let half = product < 0 ? -divisor / 2 : divisor / 2
        return Int64(clamping: (product + half) / divisor)
    }
}

/// An instant of the monotonic clock that every deadline and capture time in this module is measured on.
public typealias MonotonicInstant = ContinuousClock.Instant

extension Duration {
    /// Nanoseconds, cut towards zero and saturated at the range of `Int64` (292 years).
    var wholeNanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        guard !overflow else { return seconds < 0 ? .min : .max }
        let (sum, overflowed) = product.addingReportingOverflow(attoseconds / 1_000_000_000)
        return overflowed ? (seconds < 0 ? .min : .max) : sum
    }
}
