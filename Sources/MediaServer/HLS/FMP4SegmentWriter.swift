import NIOCore
import StreamProtocols

/// Fragmented MP4 segments (RFC 8216 §3.3): one movie fragment each, described by an initialization segment.
struct FMP4SegmentWriter: HLSSegmentWriter {
    let fileExtension = "mp4"
    private(set) var initialization: ByteBuffer?
    private(set) var byteCount = 0

    /// What a sample takes beside its content: its entry in `trun`, and that of ``pending``.
    private static let sampleSize = 64

    private let codec: VideoCodec
    private var pending: [HLSSample] = []
    private var sequenceNumber: UInt32 = 0

    init(format: HLSVideoFormat) {
        codec = format.codec
        setFormat(format)
    }

    mutating func append(_ sample: HLSSample) {
        var sample = sample
        // Under `avc1` and `hvc1` the parameter sets are in the sample entry, and delimiters say nothing that the boxes
        // do not (ISO/IEC 14496-15 §5.3.2, §8.4.1.1.1).
        let codec = codec
        sample.nalUnits.removeAll { nalUnit in
            switch codec.kind(of: nalUnit) {
            case .parameterSet, .accessUnitDelimiter: true
            case .randomAccessSlice, .slice, .leadingSlice, .framing, .other: nalUnit.isEmpty
            }
        }
        // Nothing to show: many of them would only take memory.
        guard !sample.nalUnits.isEmpty else { return }
        byteCount += sample.nalUnits.reduce(Self.sampleSize) { $0 + 4 + $1.count }
        pending.append(sample)
    }

    mutating func finish(endDecodeTime: Int64) -> ByteBuffer {
        defer { discard() }
        let ends = pending.dropFirst().map(\.decodeTime) + [endDecodeTime]
        let samples = zip(pending, ends).map { sample, end in
            FMP4Sample(
                duration: UInt32(clamping: end - sample.decodeTime),
                compositionOffset: Int32(clamping: sample.presentationTime - sample.decodeTime),
                isSync: sample.isRandomAccess,
                payload: .nalUnits(sample.nalUnits)
            )
        }
        sequenceNumber &+= 1
        let fragment = FMP4Fragment(
            sequenceNumber: sequenceNumber,
            tracks: [.init(baseMediaDecodeTime: UInt64(clamping: pending.first?.decodeTime ?? 0), samples: samples)]
        )
        var bytes: [UInt8] = []
        fragment.append(to: &bytes)
        return ByteBuffer(bytes: bytes)
    }

    mutating func discard() {
        pending = []
        byteCount = 0
    }

    mutating func setFormat(_ format: HLSVideoFormat) {
        initialization = ByteBuffer(
            bytes: FMP4InitSegment(tracks: [FMP4Track(sampleEntry: format.sampleEntry)]).serialized())
    }
}
