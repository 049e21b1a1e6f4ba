import NIOCore
import StreamProtocols

/// A finished segment. Its bytes are shared by all its readers.
struct HLSSegment: Sendable {
    var name: String
    /// EXT-X-MEDIA-SEQUENCE counts segments; this is the segment's own number.
    var sequenceNumber: Int
    var duration: Duration
    var frameCount: Int
    var isDiscontinuity: Bool
    /// How many discontinuities there were up to the beginning of this segment, its own included.
    var discontinuityCount: Int
    var programDateTime: ProgramDateTime
    var initialization: HLSResource?
    var content: ByteBuffer
    /// Slices of ``content``.
    var parts: [HLSPart] = []

    /// Bits per second while it plays.
    var bitRate: Double {
        let seconds = duration / .seconds(1)
        return seconds > 0 ? Double(content.readableBytes * 8) / seconds : 0
    }
}

/// A file that a playlist points at.
struct HLSResource: Sendable, Equatable {
    var name: String
    var content: ByteBuffer
}
