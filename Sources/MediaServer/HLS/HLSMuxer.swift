import DequeModule
import NIOCore
import StreamProtocols

/// Cuts one stream into HLS segments and keeps the newest. A value without clock or I/O.
struct HLSMuxer {
    /// What adding a sample brought about.
    enum Event: Equatable {
        /// A part of the open segment is on the playlist.
        case partCompleted
        case segmentCompleted
        /// The segment grew beyond the limit and was thrown away; the next one begins at the next keyframe.
        case segmentTooLarge(byteCount: Int)
    }

    private struct Tracks {
        var video: Int?
        var audio: Int?
    }

    /// The first segments may be half as long, so that playing begins sooner.
    private static let earlySegmentCount = 3

    /// Players begin three segments behind the newest (RFC 8216 §6.3.3), and need one more to be slow in…
    private static let leastListed = 4
    /// …and a playlist is at least so many target durations long (RFC 8216 §6.2.2).
    private static let leastTargetDurations = 3

    /// Bytes of all segments that are kept, except that the newest is kept always: half a minute of 32 Mb/s.
    static let byteLimit = 128 << 20

    let settings: HLSSettings
    /// Begins every segment's name. It is another one for every muxer, so that no cache ever mixes up two of them.
    let namePrefix: String
    /// The segments of the playlist, and before them those that a slow viewer may still ask for.
    private(set) var segments: Deque<HLSSegment> = []
    private(set) var byteCount = 0
    /// How many of ``segments``, the newest, playlists show.
    private(set) var listedCount = 0
    /// EXT-X-TARGETDURATION; it only grows.
    private(set) var targetDurationSeconds: Int
    /// nil without parts.
    var rhythm: HLSPartRhythm?
    /// What is not in the writer yet: of the part that is being written the last sample, whose end nobody knows.
    var waiting: [HLSWaitingSample] = []
    /// What the stream holds, as far as it is known and carried.
    private(set) var formats = HLSFormats()
    /// Whether the newest segment has sound.
    private(set) var hasSound = false
    /// Whether sound has come for the open segment, or for the one before it while it has no part.
    var hasHeardSound = false

    /// The publisher's tracks of pictures and of sound; the engine ends the stream before others come.
    private var tracks = Tracks()
    var writer: (any HLSSegmentWriter)?
    private var initialization: HLSResource?
    private var initializationCount = 0
    private(set) var timeline = HLSTimeline()
    /// nil where there is no sound beside pictures, or no silent frame of it is known.
    private var silence: HLSSilence?
    var openSegment: HLSOpenSegment?
    /// Another publisher, or another clock: the timeline is joined to it at the next keyframe.
    private var isRestartNeeded = true
    private var isDiscontinuityNeeded = false
    private var completedCount = 0
    private(set) var nextSequenceNumber: Int
    private var discontinuityCount: Int

    /// - Parameters:
    ///   - firstNumber: where EXT-X-MEDIA-SEQUENCE and EXT-X-DISCONTINUITY-SEQUENCE begin. A muxer that follows another
    ///     one on the same path must begin higher: then a player that has seen the old playlist goes on by itself.
    init(settings: HLSSettings, namePrefix: String, firstNumber: Int) {
        self.settings = settings
        self.namePrefix = namePrefix
        nextSequenceNumber = firstNumber
        discontinuityCount = firstNumber
        targetDurationSeconds = MediaPlaylist.targetDurationSeconds(atLeast: settings.segmentDuration)
        rhythm = settings.partDuration.map { HLSPartRhythm(wanted: $0) }
    }

    /// Whether a player can begin.
    var isReady: Bool { !segments.isEmpty }

    /// The tracks that it takes: the first with pictures, and the first with sound that the container carries.
    func tracks(of formats: [RTPFormat]) -> Set<Int> {
        Set([video(in: formats), audio(in: formats)].compactMap(\.self))
    }

    private func video(in formats: [RTPFormat]) -> Int? { formats.firstIndex { $0.media.videoCodec != nil } }

    private func audio(in formats: [RTPFormat]) -> Int? {
        formats.firstIndex { HLSAudioFormat($0, container: settings.container) != nil }
    }

    /// A publisher is there, the first or another one.
    mutating func streamStarted(_ newFormats: [RTPFormat]) -> Event? {
        let event = finishSegment(endDecodeTime: timeline.end) ? Event.segmentCompleted : nil
        interrupt()
        tracks = Tracks(video: video(in: newFormats), audio: audio(in: newFormats))
        if let video = tracks.video.flatMap({ HLSVideoFormat(newFormats[$0].media) }) {
            use(HLSFormats(video: video, audio: formats.audio))
        }
        if let audio = tracks.audio.flatMap({ HLSAudioFormat(newFormats[$0], container: settings.container) }) {
            use(HLSFormats(video: formats.video, audio: audio))
        }
        return event
    }

    /// Adds a sample that came at `wallTime`.
    ///
    /// - Parameter media: what the track is from this sample on.
    mutating func append(
        _ sample: Sample, of media: MediaFormat, track: Int, at wallTime: ProgramDateTime
    ) -> Event? {
        if track == tracks.video { return append(picture: sample, of: media, at: wallTime) }
        return track == tracks.audio ? append(sound: sample, of: media, at: wallTime) : nil
    }

    private mutating func append(
        picture sample: Sample, of media: MediaFormat, at wallTime: ProgramDateTime
    ) -> Event? {
        var event: Event?
        let isFormatChange = sample.isRandomAccess && media != formats.video?.media && !media.parameterSets.isEmpty
        if isFormatChange || !isRestartNeeded && !timeline.continues(sample.presentationTime) {
            if finishSegment(endDecodeTime: timeline.end) { event = .segmentCompleted }
            interrupt()
        }
        if isFormatChange, let video = HLSVideoFormat(media) {
            use(HLSFormats(video: video, audio: formats.audio))
        }
        guard let format = formats.video, sample.isRandomAccess || openSegment != nil else { return event }
        restartIfNeeded(
            at: sample.presentationTime, reorderDepth: format.reorderDepth, frameDuration: format.nominalFrameDuration)
        let (presentationTime, decodeTime) = timeline.place(sample.presentationTime)
        if let audio = formats.audio {
            appendSilence(silence?.frames(beforePictureAt: audio.ownTime(presentationTime)) ?? [])
        }
        if endParts(at: decodeTime) { event = event ?? .partCompleted }
        if sample.isRandomAccess, cutIfDue(at: decodeTime, wallTime) { event = .segmentCompleted }
        write(
            .picture(
                HLSSample(
                    payload: sample.payload, presentationTime: presentationTime, decodeTime: decodeTime,
                    isRandomAccess: sample.isRandomAccess)))
        openSegment?.frameCount += 1
        return tooLargeEvent() ?? event
    }

    /// Beside pictures sound takes their timeline, and their segment; alone it has its own.
    private mutating func append(
        sound sample: Sample, of media: MediaFormat, at wallTime: ProgramDateTime
    ) -> Event? {
        guard var audio = formats.audio, case .frame(let frame) = sample.payload else { return nil }
        var event: Event?
        let time = audio.muxerTime(sample.presentationTime)
        let duration = audio.media.duration(of: frame, clockRate: audio.clockRate)
        let isKnown = audio.media != .mp3(nil)
        let isLearned = media != audio.media
        audio.media = media
        if isLearned && isKnown || tracks.video == nil && !isRestartNeeded && !timeline.continues(time) {
            if finishSegment(endDecodeTime: timeline.end) { event = .segmentCompleted }
            interrupt()
        }
        if isLearned { use(HLSFormats(video: formats.video, audio: audio)) }
        if tracks.video == nil {
            restartIfNeeded(at: time, reorderDepth: 0, frameDuration: max(audio.muxerTime(duration), 1))
            let start = timeline.place(time).decode
            if endParts(at: start) { event = event ?? .partCompleted }
            if cutIfDue(at: start, wallTime) { event = .segmentCompleted }
        }
        guard openSegment != nil, !isRestartNeeded else { return event }
        var placed = sample.presentationTime &+ audio.ownTime(timeline.offset)
        if silence != nil {
            guard let placement = silence?.place(soundAt: placed, lasting: duration) else { return event }
            appendSilence(placement.silent)
            placed = placement.time
        }
        append(frame, at: placed, lasting: duration)
        return tooLargeEvent() ?? event
    }

    private mutating func append(_ frame: ArraySlice<UInt8>, at time: Int64, lasting duration: Int64) {
        let sample = HLSSample(
            payload: .frame(frame), presentationTime: time, decodeTime: time, isRandomAccess: true)
        if tracks.video != nil, let end = formats.audio?.muxerTime(time &+ duration) {
            timeline.soundIsPlaced(until: end)
        }
        write(.sound(sample, duration: duration, start: tracks.video == nil ? formats.audio?.muxerTime(time) : nil))
    }

    private mutating func appendSilence(_ times: [Int64]) {
        guard let silence, openSegment != nil else { return }
        for time in times { append(silence.frame, at: time, lasting: silence.duration) }
    }

    private mutating func restartIfNeeded(at time: Int64, reorderDepth: Int, frameDuration: Int64) {
        guard isRestartNeeded else { return }
        timeline.restart(at: time, reorderDepth: reorderDepth, frameDuration: frameDuration)
        isRestartNeeded = false
    }

    /// Ends the segment at a sample with which another can begin, and begins one when none is open.
    ///
    /// - Returns: whether one was ended.
    private mutating func cutIfDue(at decodeTime: Int64, _ wallTime: ProgramDateTime) -> Bool {
        let isFinished = shouldCut(at: decodeTime) && finishSegment(endDecodeTime: decodeTime)
        if openSegment == nil { beginSegment(decodeTime: decodeTime, wallTime: wallTime) }
        return isFinished
    }

    /// A keyframe ends the segment once it is long enough. Timestamps of live pictures jitter, so that a keyframe every
    /// second comes after 0.99 s as often as after 1.01 s: a tenth less is long enough.
    private func shouldCut(at decodeTime: Int64) -> Bool {
        guard let openSegment else { return false }
        let target = HLSTimeline.ticks(settings.segmentDuration)
        let minimum = completedCount < Self.earlySegmentCount ? target / 2 : target - target / 10
        return decodeTime - openSegment.startDecodeTime >= minimum
    }

    private mutating func beginSegment(decodeTime: Int64, wallTime: ProgramDateTime) {
        openSegment = HLSOpenSegment(
            startDecodeTime: decodeTime,
            isDiscontinuity: isDiscontinuityNeeded,
            programDateTime: programDateTime(at: wallTime)
        )
        isDiscontinuityNeeded = false
    }

    /// The date of a segment that begins at `wallTime`: players place segments by it, so it goes on exactly from the
    /// segment before, and follows the wall clock by at most a hundredth; a difference of two seconds is a clock that
    /// was set.
    private func programDateTime(at wallTime: ProgramDateTime) -> ProgramDateTime {
        guard let last = segments.last, !isDiscontinuityNeeded else { return wallTime }
        let expected = last.programDateTime.advanced(by: last.duration)
        let difference = wallTime.millisecondsSinceEpoch &- expected.millisecondsSinceEpoch
        guard (-2000...2000).contains(difference) else { return wallTime }
        let limit = Int64((last.duration / .milliseconds(1)) / 100)
        let correction = min(max(difference, -limit), limit)
        return ProgramDateTime(millisecondsSinceEpoch: expected.millisecondsSinceEpoch + correction)
    }

    /// Puts the open segment on the playlist. False when there is none.
    private mutating func finishSegment(endDecodeTime: Int64) -> Bool {
        guard rhythm == nil else {
            finishLastPart(endDecodeTime: endDecodeTime)
            return closeSegment(endDecodeTime: endDecodeTime)
        }
        fillSilentSegment()
        guard var finished = openSegment, let hasSound = writer?.hasSound,
            let content = writer?.finish(endDecodeTime: endDecodeTime)
        else { return false }
        announce(hasSound: hasSound, in: &finished)
        openSegment = nil
        list(finished, content, endDecodeTime: endDecodeTime)
        return true
    }

    /// Puts what there are of parts of the open segment on the playlist as a segment. False when there are none.
    private mutating func closeSegment(endDecodeTime: Int64) -> Bool {
        guard var finished = openSegment.take(), !finished.parts.isEmpty else { return false }
        let content = finished.joinParts()
        list(finished, content, endDecodeTime: endDecodeTime)
        return true
    }

    /// Sound that is announced is in every segment.
    mutating func fillSilentSegment() {
        if writer?.hasSound == false, let time = silence?.oneFrame() { appendSilence([time]) }
    }

    /// Players are told of sound only while there is some, or silence: they would wait for it, and stop.
    mutating func announce(hasSound: Bool, in segment: inout HLSOpenSegment) {
        if hasSound != self.hasSound || initialization == nil {
            if hasSound != self.hasSound { segment.isDiscontinuity = segment.isDiscontinuity || isReady }
            self.hasSound = hasSound
            makeInitialization()
        }
        if segment.isDiscontinuity { discontinuityCount += 1 }
        segment.discontinuityCount = discontinuityCount
        segment.initialization = initialization
    }

    private mutating func list(_ finished: HLSOpenSegment, _ content: ByteBuffer, endDecodeTime: Int64) {
        let duration = HLSTimeline.duration(endDecodeTime - finished.startDecodeTime)
        segments.append(
            HLSSegment(
                name: "\(segmentName(nextSequenceNumber)).\(writer?.fileExtension ?? "ts")",
                sequenceNumber: nextSequenceNumber,
                duration: duration,
                frameCount: finished.frameCount,
                isDiscontinuity: finished.isDiscontinuity,
                discontinuityCount: finished.discontinuityCount,
                programDateTime: finished.programDateTime,
                initialization: finished.initialization,
                content: content,
                parts: finished.parts
            )
        )
        nextSequenceNumber += 1
        completedCount += 1
        raiseTargetDuration(to: duration)
        // What was taken from the playlist never comes back.
        listedCount = min(listedCount + 1, segmentsWorthListing)
        // RFC 8216 §6.2.2: a segment stays available for its own duration and that of the longest playlist it was in.
        byteCount += content.readableBytes
        while segments.count > 2 * listedCount + 1 || byteCount > Self.byteLimit {
            guard removeOldest() != nil else { break }
        }
    }

    /// No segment may be longer, nor the parts of one that is being written.
    mutating func raiseTargetDuration(to duration: Duration) {
        targetDurationSeconds = max(targetDurationSeconds, MediaPlaylist.targetDurationSeconds(atLeast: duration))
    }

    /// The settings' number of segments is meant for segments of the settings' length. Keyframes that are further apart make
    /// them longer: fewer give the same time, and every one less saves its memory twice.
    private var segmentsWorthListing: Int {
        let enough = max(
            settings.segmentDuration * settings.segmentCount,
            .seconds(targetDurationSeconds) * Self.leastTargetDurations)
        var (count, duration) = (0, Duration.zero)
        for segment in segments.reversed() {
            if count == settings.segmentCount || count >= Self.leastListed && duration >= enough { break }
            count += 1
            duration += segment.duration
        }
        return count
    }

    /// Forgets the oldest segment, but never the newest.
    ///
    /// - Returns: its bytes; nil when there is none to be forgotten.
    mutating func removeOldest() -> Int? {
        guard segments.count > 1 else { return nil }
        let removed = segments.removeFirst().content.readableBytes
        byteCount -= removed
        listedCount = min(listedCount, segments.count)
        return removed
    }

    private mutating func tooLargeEvent() -> Event? {
        guard let byteCount = writer.map({ $0.byteCount + partByteCount }), byteCount > settings.segmentMaxSize
        else { return nil }
        writer?.discard()
        waiting = []
        // Players have the parts, so they stay.
        if let end = openSegment?.partStart { _ = closeSegment(endDecodeTime: end) }
        isDiscontinuityNeeded = isReady
        return .segmentTooLarge(byteCount: byteCount)
    }

    /// What comes next does not continue what was there.
    private mutating func interrupt() {
        silence?.restart()
        rhythm?.restart()
        isRestartNeeded = true
        isDiscontinuityNeeded = isReady
    }

    private mutating func use(_ newFormats: HLSFormats) {
        guard newFormats != formats else { return }
        let hasOtherTracks =
            (newFormats.video == nil, newFormats.audio == nil) != (formats.video == nil, formats.audio == nil)
        if newFormats.audio != formats.audio || (newFormats.video == nil) != (formats.video == nil) {
            silence = newFormats.video == nil ? nil : newFormats.audio.flatMap { HLSSilence($0) }
        }
        formats = newFormats
        initialization = nil
        if !hasOtherTracks, writer != nil {
            writer?.setFormats(newFormats)
            return
        }
        switch settings.container {
        case .mpegts: writer = MPEGTSSegmentWriter(formats: newFormats)
        case .fmp4: writer = FMP4SegmentWriter(formats: newFormats)
        }
    }

    private mutating func makeInitialization() {
        initialization = writer?.initialization(hasSound: hasSound).map { content in
            initializationCount += 1
            return HLSResource(name: "\(namePrefix)_init\(initializationCount).mp4", content: content)
        }
    }
}
