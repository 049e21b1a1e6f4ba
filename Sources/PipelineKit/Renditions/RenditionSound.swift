import MediaKit
import StreamProtocols

/// Puts a camera's sound on the time line of a rendition's pictures.
struct RenditionSound: Sendable {
    private var clockRate: UInt32?
    /// Of the rendition's line and the camera's.
    private var offset: Int64 = 0
    private var last: Int64?

    /// A frame as it is published, with its time since `origin`; nil for one that would be heard twice.
    mutating func sample(of sound: CameraSound, since origin: MonotonicInstant) -> Sample? {
        let clock = MediaTimeBase(denominator: Int32(clamping: sound.format.clockRate))
        let captured = MediaTime(origin.duration(to: sound.captureTime), timeBase: clock).ticks
        let offset = captured &- sound.presentationTime
        if clockRate != sound.format.clockRate {
            (clockRate, self.offset, last) = (sound.format.clockRate, offset, nil)
        }
        // Frames follow each other without gaps on the camera's line. A tick is what rounding costs; more is another line.
        if (offset &- self.offset).magnitude > 1 { self.offset = offset }
        let time = sound.presentationTime &+ self.offset
        guard time > last ?? -1 else { return nil }
        last = time
        return Sample(frame: sound.bytes, presentationTime: time)
    }
}
