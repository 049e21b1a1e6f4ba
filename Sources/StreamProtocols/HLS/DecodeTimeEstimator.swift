/// Gives each access unit the decoding time that containers need and RTP does not carry.
///
/// RTP has presentation times only, in decoding order (RFC 6184 §5.1). Sorting the presentation times gives the
/// decoding times, moved back by as many frames as the encoder may reorder: the decoder's output order is the sorted
/// order, and a picture is decoded `reorderDepth` pictures before its output (H.264 Annex C.4). Without reordering the
/// two are equal.
public struct DecodeTimeEstimator: Sendable {
    /// H.264 allows at most 16 frames in the decoded picture buffer (Annex A.3.1 h).
    public static let maximumReorderDepth = 16

    /// Pictures after which a depth that was raised and not needed again is given back: one odd timestamp must not delay
    /// the stream for ever.
    static let reviewInterval = 128

    /// The presentation times not yet given out as decoding times, ascending; as many as ``reorderDepth``.
    private var pending: [Int64] = []
    private var reorderDepth: Int
    private let announcedDepth: Int
    private let frameDuration: Int64
    private var last: Int64?
    /// How many pictures at most were decoded before one that is shown earlier, since the last review.
    private var observedDepth = 0
    private var picturesUntilReview = Self.reviewInterval

    /// - Parameters:
    ///   - reorderDepth: the stream's `max_num_reorder_frames`; raised by itself when a stream breaks its promise.
    ///   - frameDuration: the expected time between frames in clock units, for the first `reorderDepth` frames.
    public init(reorderDepth: Int, frameDuration: Int64) {
        announcedDepth = min(max(0, reorderDepth), Self.maximumReorderDepth)
        self.reorderDepth = announcedDepth
        self.frameDuration = max(1, frameDuration)
    }

    /// The decoding time of the next access unit in decoding order: strictly later than the one before, and not later
    /// than `presentationTime` as long as the stream keeps its reorder depth.
    public mutating func decodeTime(forPresentationTime presentationTime: Int64) -> Int64 {
        if last == nil {
            pending = (0..<reorderDepth).map { presentationTime &- Int64(reorderDepth - $0) &* frameDuration }
        }
        observe(depth: pending.count { $0 > presentationTime })
        pending.insert(presentationTime, at: pending.firstIndex { $0 > presentationTime } ?? pending.endIndex)
        guard let last else {
            let time = pending.removeFirst()
            self.last = time
            return time
        }
        let earliest = last &+ 1
        if presentationTime <= last, reorderDepth < Self.maximumReorderDepth {
            // More reordering than announced: hold one more picture back from now on, and only creep forward meanwhile.
            reorderDepth += 1
            self.last = earliest
        } else {
            self.last = max(pending.removeFirst(), earliest)
        }
        return self.last ?? earliest
    }

    private mutating func observe(depth: Int) {
        observedDepth = max(observedDepth, depth)
        picturesUntilReview -= 1
        guard picturesUntilReview == 0 else { return }
        let needed = max(announcedDepth, observedDepth)
        observedDepth = 0
        picturesUntilReview = Self.reviewInterval
        guard needed < reorderDepth else { return }
        pending.removeFirst(reorderDepth - needed)
        reorderDepth = needed
    }
}
