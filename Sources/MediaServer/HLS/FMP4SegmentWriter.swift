import NIOCore
import StreamProtocols

/// Fragmented MP4 segments (RFC 8216 §3.3): one movie fragment each, described by an initialization segment. The metadata of its pictures is
/// in event messages before it.
struct FMP4SegmentWriter: HLSSegmentWriter {
    let fileExtension = "mp4"
    private(set) var byteCount = 0

    /// What a sample takes beside its content: its entry in `trun`, and that of ``pictures`` or ``sound``.
    private static let sampleSize = 64

    private var formats: HLSFormats
    private var pictures: [HLSSample] = []
    /// Those of the pictures.
    private var events: [UInt8] = []
    private var sound: [(sample: HLSSample, duration: Int64)] = []
    private var sequenceNumber: UInt32 = 0

    init(formats: HLSFormats) { self.formats = formats }

    var hasSound: Bool { !sound.isEmpty }

    mutating func append(video sample: HLSSample) {
        guard let codec = formats.video?.codec, case .nalUnits(let units) = sample.payload else { return }
        let nalUnits = codec.fmp4NALUnits(of: units)
        // Nothing to show: many of them would only take memory.
        guard !nalUnits.isEmpty else { return }
        var sample = sample
        sample.payload = .nalUnits(nalUnits)
        byteCount += nalUnits.reduce(Self.sampleSize) { $0 + 4 + $1.count }
        pictures.append(sample)
        guard let metadata = PictureMetadata(nalUnits: nalUnits, codec: codec) else { return }
        let event = FMP4EventMessage(
            scheme: FMP4EventMessage.id3Scheme, presentationTime: UInt64(clamping: sample.presentationTime),
            timescale: UInt32(HLSTimeline.clockRate), data: metadata.id3Tag)
        byteCount -= events.count
        event.append(to: &events)
        byteCount += events.count
    }

    mutating func append(audio sample: HLSSample, duration: Int64) {
        guard formats.audio?.media.sampleEntry != nil, case .frame(let frame) = sample.payload else { return }
        byteCount += Self.sampleSize + frame.count
        sound.append((sample, duration))
    }

    mutating func finish(endDecodeTime: Int64) -> ByteBuffer {
        defer { discard() }
        sequenceNumber &+= 1
        let tracks = [
            FMP4Fragment.Track(FMP4TrackID.video, pictures, end: endDecodeTime), FMP4Fragment.Track(sound: sound),
        ].compactMap(\.self)
        var bytes = events
        FMP4Fragment(sequenceNumber: sequenceNumber, tracks: tracks).append(to: &bytes)
        return ByteBuffer(bytes: bytes)
    }

    mutating func discard() {
        pictures = []
        sound = []
        events = []
        byteCount = 0
    }

    mutating func setFormats(_ formats: HLSFormats) { self.formats = formats }

    func initialization(hasSound: Bool) -> ByteBuffer? { formats.fmp4Initialization(hasSound: hasSound) }
}
