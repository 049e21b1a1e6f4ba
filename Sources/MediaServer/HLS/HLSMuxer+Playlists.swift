import DequeModule
import NIOCore
import StreamProtocols

extension HLSMuxer {
    /// The name of the one media playlist, as MediaMTX has it.
    static let mediaPlaylistName = "main_stream.m3u8"

    /// The segments that a playlist shows now.
    private var window: Slice<Deque<HLSSegment>> { segments.suffix(listedCount) }

    /// `index.m3u8`: what the stream is, and where its media playlist is.
    ///
    /// - Parameter session: the viewer's session, which the URIs carry on; the characters of
    ///   ``HLSSession/isValidID(_:)``.
    func multivariantPlaylist(session: String?) -> String {
        let window = window
        let bitCount = window.reduce(0) { $0 + Double($1.content.readableBytes * 8) }
        let seconds = window.reduce(0) { $0 + $1.duration / .seconds(1) }
        let peak = window.map(\.bitRate).max() ?? 0
        let average = seconds > 0 ? bitCount / seconds : peak
        let variant = VariantStream(
            uri: Self.mediaPlaylistName + Self.query(session),
            peakBitsPerSecond: max(1, Int(peak.rounded(.up))),
            averageBitsPerSecond: max(1, Int(average.rounded(.up))),
            codecs: [formats.video?.codecString, hasSound ? formats.audio?.codecString : nil].compactMap(\.self),
            resolution: formats.video.map { VariantStream.Resolution(width: $0.width, height: $0.height) },
            framesPerThousandSeconds: framesPerThousandSeconds
        )
        return MultivariantPlaylist(version: settings.container == .fmp4 ? 7 : 3, variants: [variant]).rendered()
    }

    /// The sliding window of segments.
    func mediaPlaylist(session: String?) -> String {
        let window = window
        let query = Self.query(session)
        let discontinuitiesBefore = window.first.map { $0.discontinuityCount - ($0.isDiscontinuity ? 1 : 0) }
        return MediaPlaylist(
            targetDurationSeconds: targetDurationSeconds,
            mediaSequence: window.first?.sequenceNumber ?? 0,
            discontinuitySequence: discontinuitiesBefore ?? 0,
            segments: window.map { segment in
                MediaSegment(
                    uri: segment.name + query,
                    duration: segment.duration,
                    isDiscontinuity: segment.isDiscontinuity,
                    programDateTime: segment.programDateTime,
                    initialization: segment.initialization.map { MediaInitialization(uri: $0.name + query) }
                )
            }
        ).rendered()
    }

    /// The bytes of a segment or an initialization segment that is still kept.
    func content(named name: String) -> ByteBuffer? {
        guard name.hasPrefix(namePrefix) else { return nil }
        for segment in segments.reversed() {
            if segment.name == name { return segment.content }
            if let initialization = segment.initialization, initialization.name == name {
                return initialization.content
            }
        }
        return nil
    }

    /// The measured frame rate; that of the parameter sets is often missing or wrong. A rate within 3 % of a whole
    /// number is that number, seen through jitter.
    private var framesPerThousandSeconds: Int? {
        let window = window
        let seconds = window.reduce(0) { $0 + $1.duration / .seconds(1) }
        let frames = window.reduce(0) { $0 + $1.frameCount }
        guard seconds > 0, frames > 0 else { return nil }
        let rate = Double(frames) / seconds
        let whole = rate.rounded()
        return Int(((whole > 0 && abs(rate - whole) <= whole * 0.03 ? whole : rate) * 1000).rounded())
    }

    private static func query(_ session: String?) -> String {
        session.map { "?session=\($0)" } ?? ""
    }
}
