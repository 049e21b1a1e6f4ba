import NIOCore
import StreamProtocols

/// One sample, ready for a container: with its decoding time, and with the parameter sets known.
struct HLSSample {
    var payload: Sample.Payload
    /// On the muxer's own timeline; of pictures in 90 kHz, of sound in units of its clock.
    var presentationTime: Int64
    /// Likewise; of pictures strictly growing.
    var decodeTime: Int64
    var isRandomAccess: Bool
}

/// What a muxer's segments hold.
struct HLSFormats: Sendable, Equatable {
    var video: HLSVideoFormat?
    var audio: HLSAudioFormat?
}

/// Packs samples into the segments of one container format.
protocol HLSSegmentWriter {
    /// `ts` or `mp4`.
    var fileExtension: String { get }
    /// Bytes of the segment so far.
    var byteCount: Int { get }
    /// Whether the segment has sound so far.
    var hasSound: Bool { get }

    mutating func append(video sample: HLSSample)

    /// A frame of sound, whose nominal duration is in units of its clock.
    mutating func append(audio sample: HLSSample, duration: Int64)

    /// What players need before segments with or without sound; nil when the segments describe themselves.
    func initialization(hasSound: Bool) -> ByteBuffer?

    /// The segment, of which the last picture lasts until `endDecodeTime`; the next sample begins another one.
    mutating func finish(endDecodeTime: Int64) -> ByteBuffer

    /// Forgets the segment so far.
    mutating func discard()

    /// Goes on with other parameter sets of the same codecs.
    mutating func setFormats(_ formats: HLSFormats)
}
