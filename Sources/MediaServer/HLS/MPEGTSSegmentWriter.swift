import NIOCore
import StreamProtocols

/// MPEG-TS segments (RFC 8216 §3.2): each begins with the program tables, and each keyframe repeats the parameter sets.
struct MPEGTSSegmentWriter: HLSSegmentWriter {
    let fileExtension = "ts"
    let initialization: ByteBuffer? = nil

    private let codec: VideoCodec
    private var muxer: TSMuxer
    private var bytes: [UInt8] = []
    private var parameterSets: [ArraySlice<UInt8>]
    /// The size of the last segment, and a little more: the next one is likely to fit.
    private var expectedByteCount = 0

    init(format: HLSVideoFormat) {
        codec = format.codec
        muxer = TSMuxer(streams: [TSElementaryStream(format.media)].compactMap(\.self))
        parameterSets = format.media.parameterSets.map { $0[...] }
    }

    var byteCount: Int { bytes.count }

    mutating func append(_ sample: HLSSample) {
        if bytes.isEmpty {
            bytes.reserveCapacity(expectedByteCount)
            muxer.appendTables(to: &bytes)
        }
        let hasParameterSets = sample.nalUnits.contains { codec.kind(of: $0) == .parameterSet }
        muxer.appendVideo(
            nalUnits: sample.isRandomAccess && !hasParameterSets ? parameterSets + sample.nalUnits : sample.nalUnits,
            presentationTime: sample.presentationTime,
            decodeTime: sample.decodeTime,
            isRandomAccess: sample.isRandomAccess,
            to: &bytes
        )
    }

    mutating func finish(endDecodeTime: Int64) -> ByteBuffer {
        defer { discard() }
        expectedByteCount = bytes.count + bytes.count / 8
        return ByteBuffer(bytes: bytes)
    }

    mutating func discard() {
        bytes = []
    }

    mutating func setFormat(_ format: HLSVideoFormat) {
        parameterSets = format.media.parameterSets.map { $0[...] }
    }
}
