import NIOCore
import StreamProtocols

/// Fragmented MP4 segments (RFC 8216 §3.3): one movie fragment each, described by an initialization segment.
struct FMP4SegmentWriter: HLSSegmentWriter {
    let fileExtension = "mp4"
    private(set) var byteCount = 0

    private static let videoTrack: UInt32 = 1
    private static let audioTrack: UInt32 = 2
    /// What a sample takes beside its content: its entry in `trun`, and that of ``pictures`` or ``sound``.
    private static let sampleSize = 64

    private var formats: HLSFormats
    private var pictures: [HLSSample] = []
    private var sound: [(sample: HLSSample, duration: Int64)] = []
    private var sequenceNumber: UInt32 = 0

    init(formats: HLSFormats) { self.formats = formats }

    var hasSound: Bool { !sound.isEmpty }

    mutating func append(video sample: HLSSample) {
        guard let codec = formats.video?.codec, case .nalUnits(let units) = sample.payload else { return }
        // Under `avc1` and `hvc1` the parameter sets are in the sample entry, and delimiters say nothing that the boxes
        // do not (ISO/IEC 14496-15 §5.3.2, §8.4.1.1.1).
        let nalUnits = units.filter { nalUnit in
            switch codec.kind(of: nalUnit) {
            case .parameterSet, .accessUnitDelimiter: false
            case .randomAccessSlice, .slice, .leadingSlice, .framing, .other: !nalUnit.isEmpty
            }
        }
        // Nothing to show: many of them would only take memory.
        guard !nalUnits.isEmpty else { return }
        var sample = sample
        sample.payload = .nalUnits(nalUnits)
        byteCount += nalUnits.reduce(Self.sampleSize) { $0 + 4 + $1.count }
        pictures.append(sample)
    }

    mutating func append(audio sample: HLSSample, duration: Int64) {
        guard formats.audio?.media.sampleEntry != nil, case .frame(let frame) = sample.payload else { return }
        byteCount += Self.sampleSize + frame.count
        sound.append((sample, duration))
    }

    mutating func finish(endDecodeTime: Int64) -> ByteBuffer {
        defer { discard() }
        sequenceNumber &+= 1
        var tracks: [FMP4Fragment.Track] = []
        if let first = pictures.first {
            let ends = pictures.dropFirst().map(\.decodeTime) + [endDecodeTime]
            tracks.append(Self.track(Self.videoTrack, from: first, zip(pictures, ends)))
        }
        if let (first, _) = sound.first, let (last, duration) = sound.last {
            let samples = sound.map(\.sample)
            let ends = samples.dropFirst().map(\.decodeTime) + [last.decodeTime &+ duration]
            tracks.append(Self.track(Self.audioTrack, from: first, zip(samples, ends)))
        }
        var bytes: [UInt8] = []
        FMP4Fragment(sequenceNumber: sequenceNumber, tracks: tracks).append(to: &bytes)
        return ByteBuffer(bytes: bytes)
    }

    private static func track(
        _ id: UInt32, from first: HLSSample, _ samples: some Sequence<(HLSSample, Int64)>
    ) -> FMP4Fragment.Track {
        FMP4Fragment.Track(
            id: id, baseMediaDecodeTime: UInt64(clamping: first.decodeTime),
            samples: samples.map { sample, end in
                FMP4Sample(
                    duration: UInt32(clamping: end &- sample.decodeTime),
                    compositionOffset: Int32(clamping: sample.presentationTime &- sample.decodeTime),
                    isSync: sample.isRandomAccess, payload: sample.payload)
            })
    }

    mutating func discard() {
        pictures = []
        sound = []
        byteCount = 0
    }

    mutating func setFormats(_ formats: HLSFormats) { self.formats = formats }

    func initialization(hasSound: Bool) -> ByteBuffer? {
        var tracks: [FMP4Track] = []
        if let video = formats.video {
            tracks.append(FMP4Track(id: Self.videoTrack, sampleEntry: video.sampleEntry))
        }
        if hasSound, let audio = formats.audio, let entry = audio.media.sampleEntry {
            tracks.append(FMP4Track(id: Self.audioTrack, timescale: audio.clockRate, sampleEntry: entry))
        }
        return ByteBuffer(bytes: FMP4InitSegment(tracks: tracks).serialized())
    }
}
