internal import CLibAV

/// Makes the passes of a looped file one continuous time line: each begins where the one before ended.
struct LoopTimeline {
    private static let nanoseconds = MediaTimeBase(denominator: 1_000_000_000)

    /// Added to the file's own times, in nanoseconds.
    private var offset: Int64 = 0
    /// First and last moment of the current pass on the file's own time line, in nanoseconds.
    private var passStart: Int64?
    private var passEnd: Int64 = 0

    /// Moves the packet's times to the current pass; one without times is put after the one before.
    mutating func place(_ packet: UnsafeMutablePointer<AVPacket>, timeBase: MediaTimeBase, frameRate: Double?) {
        let none = toposync_av_no_timestamp
        if unsafe packet.pointee.dts == none, unsafe packet.pointee.pts != none {
            unsafe packet.pointee.dts = unsafe packet.pointee.pts
        }
        if unsafe packet.pointee.dts == none {
            unsafe packet.pointee.dts = MediaTime.rescale(passEnd, from: LoopTimeline.nanoseconds, to: timeBase)
            unsafe packet.pointee.pts = unsafe packet.pointee.dts
        }
        let start = unsafe MediaTime.rescale(packet.pointee.dts, from: timeBase, to: LoopTimeline.nanoseconds)
        let declared = unsafe MediaTime.rescale(packet.pointee.duration, from: timeBase, to: LoopTimeline.nanoseconds)
        // 25 frames per second is what libav, too, assumes of a file that does not say.
        let assumed = Int64(1_000_000_000 / (frameRate ?? 25))
        passStart = min(passStart ?? start, start)
        passEnd = max(passEnd, start + (declared > 0 ? declared : assumed))
        let shift = MediaTime.rescale(offset, from: LoopTimeline.nanoseconds, to: timeBase)
        unsafe packet.pointee.dts += shift
        if unsafe packet.pointee.pts != none { unsafe packet.pointee.pts += shift }
    }

    /// False when the pass that ended held nothing, so that another would be an endless loop.
    mutating func startNextPass() -> Bool {
        guard let start = passStart, passEnd > start else { return false }
        offset += passEnd - start
        passStart = nil
        passEnd = start
        return true
    }
}
