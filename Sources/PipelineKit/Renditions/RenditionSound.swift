import MediaKit
import StreamProtocols

/// The sounds of a rendition on their way into its stream.
struct RenditionSounds: Sendable {
    private var lines: [SoundVersion: RenditionSound] = [:]
    /// What was encoded before the first keyframe was there, which tells viewers of it.
    private var early: [CameraSound] = []
    /// When the first picture was; what is encoded may begin before, and would make players wait for it.
    private var start: MonotonicInstant?

    /// A frame as it is published; nil for one that nobody is to hear, or not yet.
    mutating func unit(of frame: CameraSound, in stream: inout PublishedStream) -> PublishedUnit? {
        guard stream.isDescribed else {
            if frame.version != .copied { early.append(frame) }
            if early.count > StartBuffer.unitLimit { early.removeFirst() }
            return nil
        }
        if frame.version != .copied, let start, frame.captureTime < start { return nil }
        guard let sample = lines[frame.version, default: RenditionSound()].sample(of: frame, since: stream.origin)
        else { return nil }
        return stream.sound(sample, frame.version, frame.format)
    }

    /// There is a picture.
    ///
    /// - Parameter timestamp: on the 90 kHz time line.
    /// - Returns: what waited for the first one, and is heard beside it.
    mutating func early(besidePictureOf timestamp: Int64, in stream: inout PublishedStream) -> [PublishedUnit] {
        guard stream.isDescribed else { return [] }
        start = start ?? stream.origin + MediaTime(ticks: timestamp, timeBase: .mpeg).duration
        defer { early = [] }
        return early.compactMap { unit(of: $0, in: &stream) }
    }
}

/// Puts sound on the time line of a rendition's pictures.
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
        guard case .generic = sound.format.media else { return Sample(frame: sound.bytes, presentationTime: time) }
        let packet = GenericPacket(marker: false, lostPacketCount: 0, payload: sound.bytes)
        return Sample(payload: .packet(packet), presentationTime: time, isRandomAccess: true)
    }
}
