/// The `Range` header (RFC 2326 §12.29). Only normal play time (§3.6) is taken apart.
public enum RTSPRange: Sendable, Equatable {
    /// A place in normal play time.
    public enum NormalPlayTime: Sendable, Equatable {
        case now
        case offset(Duration)
    }

    /// `npt=start-end`; a missing start is nil (RFC 2326 §3.6: `npt=-7`), a missing end means "till the end".
    case npt(start: NormalPlayTime?, end: NormalPlayTime?)
    /// `clock=…` (absolute time), as it came.
    case clock(String)
    /// `smpte…=…`, as it came, with its name.
    case smpte(String)

    /// The range of a live stream: `npt=now-`.
    public static let live = RTSPRange.npt(start: .now, end: nil)
}

extension RTSPRange: CustomStringConvertible {
    /// Reads a `Range` header. A `time` parameter (when to begin) is ignored.
    public init(parsing header: String) throws(RTSPHeaderError) {
        let failure = RTSPHeaderError(header: "Range", value: header)
        let value = HeaderText.split(header, at: 0x3B).first ?? ""
        guard let (unit, range) = value.splitOnce(at: "=") else { throw failure }
        let name = unit.trimmingASCIIWhitespace().lowercased()
        if name == "clock" {
            self = .clock(range.trimmingASCIIWhitespace())
        } else if name.hasPrefix("smpte") {
            self = .smpte("\(name)=\(range.trimmingASCIIWhitespace())")
        } else if name == "npt", let (start, end) = range.splitOnce(at: "-") {
            let times = (start.trimmingASCIIWhitespace(), end.trimmingASCIIWhitespace())
            let start = NormalPlayTime(parsing: times.0)
            let end = NormalPlayTime(parsing: times.1)
            guard (start != nil) || times.0.isEmpty, (end != nil) || times.1.isEmpty, start != nil || end != nil
            else { throw failure }
            self = .npt(start: start, end: end)
        } else {
            throw failure
        }
    }

    /// The range as it stands in a header.
    public var description: String {
        switch self {
        case .npt(let start, let end): "npt=\(start?.description ?? "")-\(end?.description ?? "")"
        case .clock(let range): "clock=\(range)"
        case .smpte(let range): range
        }
    }
}

extension RTSPRange.NormalPlayTime: CustomStringConvertible {
    /// RFC 2326 §3.6: `now`, seconds with a fraction, or `hh:mm:ss` with a fraction; nil for anything else.
    init?(parsing text: String) {
        if text.equalsIgnoringASCIICase("now") {
            self = .now
            return
        }
        let parts = text.split(at: ":", maxSplits: 3, omittingEmpty: false)
        guard parts.count == 1 || parts.count == 3 else { return nil }
        var whole: Int64 = 0
        var fraction: Substring = ""
        for (index, part) in parts.enumerated() {
            var digits = part
            if index == parts.count - 1, let (seconds, decimals) = part.splitOnce(at: ".") {
                digits = seconds
                fraction = decimals
            }
            // A thousand years of seconds fit; longer numbers are nonsense.
            guard
                (1...10).contains(digits.utf8.count), digits.utf8.allSatisfy(\.isASCIIDigit), let value = Int64(digits)
            else { return nil }
            whole = whole * 60 + value
        }
        guard fraction.utf8.allSatisfy(\.isASCIIDigit) else { return nil }
        let nanoseconds = (fraction.prefix(9) + String(repeating: "0", count: max(0, 9 - fraction.utf8.count)))
        self = .offset(.seconds(whole) + .nanoseconds(Int64(nanoseconds) ?? 0))
    }

    /// Seconds with up to three decimals, or `now`.
    public var description: String {
        switch self {
        case .now: return "now"
        case .offset(let offset):
            let (seconds, attoseconds) = offset.components
            let milliseconds = String(attoseconds / 1_000_000_000_000_000)
            guard milliseconds != "0" else { return "\(seconds)" }
            return "\(seconds)." + String(repeating: "0", count: max(0, 3 - milliseconds.utf8.count)) + milliseconds
        }
    }
}
