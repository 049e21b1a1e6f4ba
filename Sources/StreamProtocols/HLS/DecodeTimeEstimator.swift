/// Gives each access unit the decoding time that containers need and RTP does not carry.
///
/// RTP has presentation times only, in decoding order (RFC 6184 §5.1). Sorting the presentation times gives the
/// decoding times, moved back by as many frames as the encoder may reorder: the decoder's output order is the sorted
/// order, and a picture is decoded `reorderDepth` pictures before its output (H.264 Annex C.4). Without reordering the
/// two are equal.
public struct DecodeTimeEstimator: Sendable {
    /// H.264 allows at most 16 frames in the decoded picture buffer (Annex A.3.1 h).
    public static let maximumReorderDepth = 16

    /// The presentation times not yet given out as decoding times, ascending.
    private var pending: [Int64] = []
    private var reorderDepth: Int
    private let frameDuration: Int64
    private var last: Int64?

    /// - Parameters:
    ///   - reorderDepth: the stream's `max_num_reorder_frames`; raised by itself when a stream breaks its promise.
    ///   - frameDuration: the expected time between frames in clock units, for the first `reorderDepth` frames.
    public init(reorderDepth: Int, frameDuration: Int64) {
        self.reorderDepth = min(max(0, reorderDepth), Self.maximumReorderDepth)
        self.frameDuration = max(1, frameDuration)
    }

    /// The decoding time of the next access unit in decoding order: strictly later than the one before, and not later
    /// than `presentationTime` as long as the stream keeps its reorder depth.
    public mutating func decodeTime(forPresentationTime presentationTime: Int64) -> Int64 {
        if last == nil {
            pending = (0..<reorderDepth).map { presentationTime &- Int64(reorderDepth - $0) &* frameDuration }
        }
        let index = pending.firstIndex { $0 > presentationTime } ?? pending.endIndex
        pending.insert(presentationTime, at: index)
        if let last, let first = pending.first, first <= last {
            // More reordering than announced: hold one more picture back from now on, and only creep forward meanwhile.
            if reorderDepth < Self.maximumReorderDepth {
                reorderDepth += 1
            } else {
                pending.removeFirst()
            }
            self.last = last &+ 1
            return last &+ 1
        }
        let time = pending.removeFirst()
        last = time
        return time
    }
}
