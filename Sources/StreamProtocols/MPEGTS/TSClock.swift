/// The one clock of a program: makes its times of 33 bits, which wrap every 26.5 hours, into times that do not.
///
/// They are near the program's clock references where there are any (ISO/IEC 13818-1 §2.4.2.2), so that a single wrong time of a
/// stream moves nothing else.
struct TSClock: Sendable {
    private static let period: Int64 = 1 << 33

    private var last: Int64?
    private var hasReference = false

    /// Takes a program_clock_reference_base.
    mutating func advance(to reference: Int64) {
        last = nearest(to: reference)
        hasReference = true
    }

    /// The time of a timestamp in units of 90 kHz. The first is in the second period, so that what was before it is not negative.
    mutating func time(of timestamp: Int64) -> Int64 {
        let time = nearest(to: timestamp)
        if !hasReference { last = time }
        return time
    }

    private func nearest(to timestamp: Int64) -> Int64 {
        guard let last else { return timestamp &+ Self.period }
        // The difference modulo 2³³, read as signed. 2³¹ such steps are needed to overflow; wrapping keeps even that from trapping.
        let step = (timestamp &- last) & PESPacket.timestampMask
        return last &+ (step < Self.period / 2 ? step : step - Self.period)
    }
}
