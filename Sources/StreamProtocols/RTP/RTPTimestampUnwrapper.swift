/// Turns 32-bit RTP timestamps, which wrap (at 90 kHz every 13 h 15 min), into 64-bit ones that do not.
///
/// Each timestamp is taken as the nearest one to the last: steps of up to ±2³¹ ticks are followed in both
/// directions, so reordered pictures (B-frames) come out before their predecessor, as they should.
public struct RTPTimestampUnwrapper: Sendable, Equatable {
    private var last: Int64?

    public init() {}

    /// - Returns: the timestamp in the same units. The first is returned as it is.
    public mutating func unwrap(_ timestamp: UInt32) -> Int64 {
        guard let last else {
            last = Int64(timestamp)
            return Int64(timestamp)
        }
        // RFC 3550 §5.1: timestamps are compared modulo 2³²; the wrapped difference read as signed is the step.
        let step = Int32(bitPattern: timestamp &- UInt32(truncatingIfNeeded: last))
        // 2³¹ steps of 2³¹ ticks are needed to overflow; wrapping keeps even that from trapping.
        let unwrapped = last &+ Int64(step)
        self.last = unwrapped
        return unwrapped
    }
}
