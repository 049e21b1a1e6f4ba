import NIOCore
import StreamProtocols

/// One access unit, ready for a container: with its decoding time, and with the parameter sets known.
struct HLSSample {
    var nalUnits: [ArraySlice<UInt8>]
    /// 90 kHz, on the muxer's own timeline.
    var presentationTime: Int64
    /// 90 kHz, strictly growing.
    var decodeTime: Int64
    var isRandomAccess: Bool
}

/// Packs samples into the segments of one container format.
protocol HLSSegmentWriter {
    /// `ts` or `mp4`.
    var fileExtension: String { get }
    /// What players need before the segments; nil when the segments describe themselves.
    var initialization: ByteBuffer? { get }
    /// Bytes of the segment so far.
    var byteCount: Int { get }

    mutating func append(_ sample: HLSSample)

    /// The segment, of which the last sample lasts until `endDecodeTime`; the next sample begins another one.
    mutating func finish(endDecodeTime: Int64) -> ByteBuffer

    /// Forgets the segment so far.
    mutating func discard()

    /// Goes on with other parameter sets of the same codec.
    mutating func setFormat(_ format: HLSVideoFormat)
}
