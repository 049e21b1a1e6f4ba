import StreamProtocols

/// A sample on its way through a stream, with the packets that carry it once somebody needs them.
final class StreamUnit {
    /// In the order that the stream's units came.
    let number: UInt64
    let track: Int
    /// Its presentation time is on the stream's line, in units of the track's clock.
    let sample: Sample
    /// What its track is from this sample on.
    let media: MediaFormat
    /// A picture at which viewers can begin.
    let isKeyframe: Bool
    /// When it came.
    let wallTime: ProgramDateTime
    private(set) var packets: MediaBatch?

    init(
        number: UInt64, track: Int, sample: Sample, media: MediaFormat, isKeyframe: Bool, wallTime: ProgramDateTime
    ) {
        self.number = number
        self.track = track
        self.sample = sample
        self.media = media
        self.isKeyframe = isKeyframe
        self.wallTime = wallTime
    }

    /// What it takes in memory, roughly: many small samples take more than their bytes.
    var byteCount: Int { sample.byteCount + 64 }

    /// Makes the packets, unless they were made before. The units of a track get theirs in order.
    func packetize(by track: StreamTrack) {
        if packets == nil { packets = track.packetize(self) }
    }
}
