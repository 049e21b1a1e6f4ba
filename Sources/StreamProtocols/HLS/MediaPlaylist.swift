/// A Media Playlist (RFC 8216 §4.3.3): the sliding window of segments that a live player reads again and again.
public struct MediaPlaylist: Sendable, Equatable {
    /// EXT-X-TARGETDURATION in whole seconds. No segment's duration, rounded, may exceed it, and it never changes while
    /// a player may hold the playlist (RFC 8216 §6.2.1); see ``targetDurationSeconds(atLeast:)``.
    public var targetDurationSeconds: Int
    /// EXT-X-MEDIA-SEQUENCE: the number of the first segment in ``segments``.
    public var mediaSequence: Int
    /// EXT-X-DISCONTINUITY-SEQUENCE: how many discontinuities have left the window with their segments.
    public var discontinuitySequence: Int
    /// EXT-X-INDEPENDENT-SEGMENTS: each segment begins with a random access point.
    public var hasIndependentSegments: Bool
    public var segments: [MediaSegment]
    /// EXT-X-ENDLIST: nothing will be added any more.
    public var isEnded: Bool
    /// What players of low latency are told; nil for a playlist of whole segments alone.
    public var lowLatency: LowLatencyPlaylist?

    public init(
        targetDurationSeconds: Int,
        mediaSequence: Int = 0,
        discontinuitySequence: Int = 0,
        hasIndependentSegments: Bool = true,
        segments: [MediaSegment],
        isEnded: Bool = false,
        lowLatency: LowLatencyPlaylist? = nil
    ) {
        self.targetDurationSeconds = targetDurationSeconds
        self.mediaSequence = mediaSequence
        self.discontinuitySequence = discontinuitySequence
        self.hasIndependentSegments = hasIndependentSegments
        self.segments = segments
        self.isEnded = isEnded
        self.lowLatency = lowLatency
    }

    /// EXT-X-VERSION: 3 for fractional durations (RFC 8216 §7); EXT-X-MAP for media segments needs 6, and players of
    /// fragmented MP4 expect 7, which Apple's and FFmpeg's packagers write. EXT-X-SKIP needs 9 (RFC 8216bis §8).
    public var version: Int {
        if lowLatency != nil { return 9 }
        return segments.contains { $0.initialization != nil } ? 7 : 3
    }

    /// The smallest EXT-X-TARGETDURATION that a segment of `duration` allows: its duration rounded to the nearest
    /// second, and at least 1 (RFC 8216 §4.3.3.1).
    public static func targetDurationSeconds(atLeast duration: Duration) -> Int {
        let (seconds, attoseconds) = duration.components
        return max(1, Int(clamping: seconds) + (attoseconds >= 500_000_000_000_000_000 ? 1 : 0))
    }

    /// The playlist as served, UTF-8 with LF line ends.
    public func rendered() -> String {
        var text = "#EXTM3U\n#EXT-X-VERSION:\(version)\n"
        if hasIndependentSegments { text += "#EXT-X-INDEPENDENT-SEGMENTS\n" }
        text += "#EXT-X-TARGETDURATION:\(targetDurationSeconds)\n"
        text += lowLatency?.head ?? ""
        text += "#EXT-X-MEDIA-SEQUENCE:\(mediaSequence)\n"
        if discontinuitySequence > 0 { text += "#EXT-X-DISCONTINUITY-SEQUENCE:\(discontinuitySequence)\n" }
        if let skipped = lowLatency?.skippedSegments, skipped > 0 {
            text += "#EXT-X-SKIP:SKIPPED-SEGMENTS=\(skipped)\n"
        }
        var currentInitialization: MediaInitialization?
        func begin(isDiscontinuity: Bool, _ initialization: MediaInitialization?, _ programDateTime: ProgramDateTime?) {
            if isDiscontinuity { text += "#EXT-X-DISCONTINUITY\n" }
            if let initialization, initialization != currentInitialization {
                var attributes = HLSAttributeList()
                attributes.add("URI", quoted: initialization.uri)
                text += "#EXT-X-MAP:\(attributes.rendered)\n"
                currentInitialization = initialization
            }
            if let programDateTime { text += "#EXT-X-PROGRAM-DATE-TIME:\(programDateTime)\n" }
        }
        for segment in segments {
            begin(isDiscontinuity: segment.isDiscontinuity, segment.initialization, segment.programDateTime)
            for part in segment.parts { text += part.line }
            text += "#EXTINF:\(HLSPlaylistText.seconds(segment.duration)),\n"
            text += HLSPlaylistText.uriLine(segment.uri) + "\n"
        }
        if let unfinished = lowLatency?.unfinished {
            begin(
                isDiscontinuity: unfinished.isDiscontinuity, unfinished.initialization, unfinished.programDateTime)
            for part in unfinished.parts { text += part.line }
        }
        text += lowLatency?.hint ?? ""
        if isEnded { text += "#EXT-X-ENDLIST\n" }
        return text
    }
}
