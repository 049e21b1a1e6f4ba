import StreamProtocols

/// A sample as a stream hands it over.
final class StreamUnit: Sendable {
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

    /// What it takes in memory, roughly: many small samples, or NAL units of one, take more than their bytes.
    var byteCount: Int { sample.byteCount + 64 * max(sample.nalUnits.count, 1) }
}

/// A unit with the packets that carry it, of each profile once somebody needs them.
struct PacketizedUnit: Sendable {
    let unit: StreamUnit
    private var rtsp: MediaBatch?
    private var webRTC: MediaBatch?

    init(_ unit: StreamUnit) { self.unit = unit }

    private subscript(profile: PacketProfile) -> MediaBatch? {
        get {
            switch profile {
            case .rtsp: rtsp
            case .webRTC: webRTC
            }
        }
        set {
            switch profile {
            case .rtsp: rtsp = newValue
            case .webRTC: webRTC = newValue
            }
        }
    }

    /// Makes the packets of a profile, unless they were made before. The units of a track get theirs in order.
    mutating func packetize(for profile: PacketProfile, by track: StreamTrack) {
        if self[profile] == nil { self[profile] = track.packets(for: profile).packetize(unit) }
    }

    /// As readers get it, with packets that were made.
    func delivery(as form: ReaderForm) -> Delivery {
        switch form {
        case .samples: Delivery(unit: unit, packets: nil)
        case .packets(let profile): Delivery(unit: unit, packets: self[profile])
        }
    }
}
