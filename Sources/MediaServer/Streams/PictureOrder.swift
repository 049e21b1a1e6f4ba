import StreamProtocols

/// Whether a track's pictures are sent in another order than they are shown in (B-frames), as far as has been seen.
///
/// It is found in the times: parameter sets say what may be, and those of many cameras say nothing.
struct PictureOrder {
    /// One step back in a group of pictures may be a camera's mistake.
    private static let leastSteps = 2
    /// A longer step, in ticks, is another clock: two seconds.
    private static let longestStep = 2 * Int64(VideoCodec.clockRate)

    private(set) var isReordered = false
    private var previous: Int64?
    /// Since the last keyframe.
    private var stepsBack = 0

    mutating func take(presentationTime time: Int64, isKeyframe: Bool) {
        if isKeyframe {
            isReordered = stepsBack >= Self.leastSteps
            stepsBack = 0
        }
        defer { previous = time }
        // Against the picture before it: when a clock is set back, that is one step, however far.
        guard let previous, time < previous, previous - time < Self.longestStep else { return }
        stepsBack += 1
        if stepsBack >= Self.leastSteps { isReordered = true }
    }
}
