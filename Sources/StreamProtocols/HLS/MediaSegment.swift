/// One segment of a ``MediaPlaylist`` with its tags (RFC 8216 §4.3.2).
public struct MediaSegment: Sendable, Equatable {
    /// Where the segment is, relative to its playlist.
    public var uri: String
    /// EXTINF.
    public var duration: Duration
    /// EXT-X-DISCONTINUITY: encoding or timestamps changed since the segment before.
    public var isDiscontinuity: Bool
    /// EXT-X-PROGRAM-DATE-TIME: when the segment's first sample was taken.
    public var programDateTime: ProgramDateTime?
    /// EXT-X-MAP: required by fragmented MP4, absent for MPEG-TS.
    public var initialization: MediaInitialization?
    /// EXT-X-PART: the pieces of the segment, as long as a player may want them by themselves.
    public var parts: [PartialSegment]

    public init(
        uri: String,
        duration: Duration,
        isDiscontinuity: Bool = false,
        programDateTime: ProgramDateTime? = nil,
        initialization: MediaInitialization? = nil,
        parts: [PartialSegment] = []
    ) {
        self.uri = uri
        self.duration = duration
        self.isDiscontinuity = isDiscontinuity
        self.programDateTime = programDateTime
        self.initialization = initialization
        self.parts = parts
    }
}

/// The Media Initialization Section that a player needs before a segment (RFC 8216 §4.3.2.5).
public struct MediaInitialization: Sendable, Hashable {
    /// Where the section is, relative to its playlist.
    public var uri: String

    public init(uri: String) {
        self.uri = uri
    }
}
