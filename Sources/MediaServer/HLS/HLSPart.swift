import NIOCore
import StreamProtocols

/// A finished piece of a segment.
struct HLSPart: Sendable {
    /// In units of the muxer's timeline.
    var ticks: Int64
    /// It holds a sample at which players can begin.
    var isIndependent: Bool
    /// As soon as the segment is finished, a slice of it.
    var content: ByteBuffer

    var duration: Duration { HLSTimeline.duration(ticks) }
}

/// The segment that is being written.
struct HLSOpenSegment: Sendable {
    var startDecodeTime: Int64
    var frameCount = 0
    var isDiscontinuity: Bool
    var programDateTime: ProgramDateTime
    /// Those that players can have already.
    var parts: [HLSPart] = []
    /// Where the part begins that is being written, and whether it holds a sample at which players can begin.
    var partStart: Int64
    var isPartIndependent = false
    /// How many discontinuities there were up to the beginning of this segment, once a part is there.
    var discontinuityCount = 0
    var initialization: HLSResource?

    init(startDecodeTime: Int64, isDiscontinuity: Bool, programDateTime: ProgramDateTime) {
        self.startDecodeTime = startDecodeTime
        self.isDiscontinuity = isDiscontinuity
        self.programDateTime = programDateTime
        partStart = startDecodeTime
    }

    var byteCount: Int { parts.reduce(0) { $0 + $1.content.readableBytes } }

    /// Of its parts.
    var duration: Duration { HLSTimeline.duration(partStart - startDecodeTime) }

    /// The whole of its parts, which then share its memory.
    mutating func joinParts() -> ByteBuffer {
        var whole = ByteBufferAllocator().buffer(capacity: byteCount)
        for part in parts { whole.writeImmutableBuffer(part.content) }
        var rest = whole
        for index in parts.indices {
            if let slice = rest.readSlice(length: parts[index].content.readableBytes) { parts[index].content = slice }
        }
        return whole
    }
}
