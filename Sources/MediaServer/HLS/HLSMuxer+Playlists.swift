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
    ///
    /// - Parameter maySkip: whether the viewer has the older ones already.
    func mediaPlaylist(session: String?, maySkip: Bool = false) -> String {
        let window = window
        let query = Self.query(session)
        let discontinuitiesBefore =
            window.first.map { $0.discontinuityCount - ($0.isDiscontinuity ? 1 : 0) }
        let lowLatency = lowLatencyPlaylist(query, maySkip: maySkip)
        return MediaPlaylist(
            targetDurationSeconds: targetDurationSeconds,
            mediaSequence: window.first?.sequenceNumber ?? 0,
            discontinuitySequence: discontinuitiesBefore ?? 0,
            segments: window.dropFirst(lowLatency?.skippedSegments ?? 0).map { segment in
                MediaSegment(
                    uri: segment.name + query,
                    duration: segment.duration,
                    isDiscontinuity: segment.isDiscontinuity,
                    programDateTime: segment.programDateTime,
                    initialization: Self.initialization(segment.initialization, query),
                    parts: hasListedParts(segment) ? parts(segment.parts, of: segment.sequenceNumber, query) : []
                )
            },
            lowLatency: lowLatency
        ).rendered()
    }

    private static func initialization(_ resource: HLSResource?, _ query: String) -> MediaInitialization? {
        resource.map { MediaInitialization(uri: $0.name + query) }
    }

    // MARK: Low latency

    private func lowLatencyPlaylist(_ query: String, maySkip: Bool) -> LowLatencyPlaylist? {
        guard let rhythm else { return nil }
        let listed = window.filter(hasListedParts).flatMap(\.parts) + (startedSegment?.parts ?? [])
        // A hole in the stream makes a part longer than the others; with it, the target is what it was.
        let target = max(rhythm.target ?? 0, listed.map(\.ticks).max() ?? 0)
        // RFC 8216bis §4.4.3.8: at least six target durations.
        let skipBoundary = Duration.seconds(targetDurationSeconds * 6)
        return LowLatencyPlaylist(
            partTarget: HLSTimeline.duration(target), skipBoundary: skipBoundary,
            skippedSegments: maySkip ? window.prefix { distanceToEnd(of: $0) > skipBoundary }.count : 0,
            unfinished: startedSegment.map { segment in
                UnfinishedSegment(
                    isDiscontinuity: segment.isDiscontinuity, programDateTime: segment.programDateTime,
                    initialization: Self.initialization(segment.initialization, query),
                    parts: parts(segment.parts, of: nextSequenceNumber, query))
            },
            nextPartURI: nextPartName + query)
    }

    /// How many parts ahead of the newest a viewer may ask for.
    var advancePartLimit: Int { lowLatencyPlaylist("", maySkip: false)?.advancePartLimit ?? 0 }

    private func parts(_ parts: [HLSPart], of sequenceNumber: Int, _ query: String) -> [PartialSegment] {
        parts.enumerated().map { index, part in
            PartialSegment(
                uri: partName(index, ofSegment: sequenceNumber) + query, duration: part.duration,
                isIndependent: part.isIndependent)
        }
    }

    /// From the end of a segment to that of the playlist.
    private func distanceToEnd(of segment: HLSSegment) -> Duration {
        segments.reversed().prefix { $0.sequenceNumber > segment.sequenceNumber }
            .reduce(startedSegment?.duration ?? .zero) { $0 + $1.duration }
    }

    /// Parts are of use near the end of the playlist alone (RFC 8216bis §6.2.2: for three target durations).
    private func hasListedParts(_ segment: HLSSegment) -> Bool {
        distanceToEnd(of: segment) < .seconds(targetDurationSeconds * 3)
    }

    /// Whether the playlist has what a viewer waits for.
    func has(_ awaited: DeliveryDirectives.Awaited) -> Bool {
        switch awaited {
        case .segment(let number): return number < nextSequenceNumber
        case .part(let index, let number):
            let started = startedSegment?.parts.count ?? 0
            if number >= nextSequenceNumber { return number == nextSequenceNumber && index < started }
            guard number == nextSequenceNumber - 1, let last = segments.last, index >= last.parts.count else {
                return true
            }
            // The segment had fewer: the first part that follows is meant (RFC 8216bis §6.2.5.2).
            return started > 0
        }
    }

    /// Whether a viewer asks for what comes later than it may (RFC 8216bis §6.2.5.2).
    func isTooFarAhead(_ awaited: DeliveryDirectives.Awaited) -> Bool {
        let last = nextSequenceNumber - 1
        switch awaited {
        case .segment(let number): return number > last + 2
        case .part(let index, let number):
            let started = startedSegment?.parts.count ?? 0
            guard number > last else { return false }
            return number > last + 2 || index >= (number == nextSequenceNumber ? started : 0) + advancePartLimit
        }
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
        if let initialization = startedSegment?.initialization, initialization.name == name {
            return initialization.content
        }
        return rhythm == nil ? nil : part(named: name)?.content
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
