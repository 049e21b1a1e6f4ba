import NIOCore
import StreamProtocols

/// Makes one MP4 without an end of what a stream carries: an initialization, then fragments, each as soon as its picture is there
/// (ISO/IEC 14496-12 §8.8). A value without clock or I/O.
///
/// A fragment with which a player can begin has a segment type box before it (§8.16.2), and no other has one. The metadata of a picture
/// is in an event message before its fragment.
struct MP4Muxer {
    /// The last part of its address.
    static let streamName = "stream.mp4"

    /// `styp` of the brand `msdh`: a segment that begins with a random access point.
    private static let segmentType: [UInt8] =
        [0, 0, 0, 20] + Array("stypmsdh".utf8) + [0, 0, 0, 0] + Array("msdh".utf8)
    /// Sound waits so long for the next picture, and is in one fragment then.
    private static let soundPatience: Duration = .milliseconds(100)

    private let codecs: MP4Codecs
    private var tracks: (video: Int?, audio: Int?) = (nil, nil)
    private var formats = HLSFormats()
    private var timeline = HLSTimeline()
    /// Nil where there is no sound beside pictures, or no silent frame of it is known.
    private var silence: HLSSilence?
    /// Another publisher, or another clock: the timeline is joined to it at the next keyframe.
    private var isRestartNeeded = true
    /// What the last initialization described; nil before the first.
    private var announced: HLSFormats?
    private var isAnnouncedAnew = false
    /// A keyframe was left out because the format of the sound was not known.
    private var hasWaitedForSound = false
    private var sequenceNumber: UInt32 = 0
    /// Where the last picture ends; the next begins there unless it begins anew.
    private var pictureEnd: Int64?
    private var sound: [(sample: HLSSample, duration: Int64)] = []

    init(codecs: MP4Codecs) { self.codecs = codecs }

    /// `video/mp4` with the names of the codecs; nil before the first initialization.
    var contentType: String? {
        guard let announced else { return nil }
        let names = [announced.video?.media, announced.audio?.media].compactMap(\.self).compactMap {
            codecs.name(of: $0)
        }
        return "video/mp4; codecs=\"\(names.joined(separator: ","))\""
    }

    /// A publisher is there, the first or another one.
    mutating func begin(_ newFormats: [RTPFormat]) {
        interrupt()
        tracks = codecs.tracks(of: newFormats)
        if let video = tracks.video.flatMap({ HLSVideoFormat(newFormats[$0].media) }) { formats.video = video }
        if let audio = tracks.audio.flatMap({ HLSAudioFormat(newFormats[$0], container: .fmp4) }) { use(audio) }
    }

    /// Adds a sample.
    ///
    /// - Parameter media: what the track is from this sample on.
    /// - Returns: what players get of it.
    mutating func append(_ sample: Sample, of media: MediaFormat, track: Int) -> [ByteBuffer] {
        if track == tracks.video { return append(picture: sample, of: media) }
        return track == tracks.audio ? append(sound: sample, of: media) : []
    }

    // MARK: Pictures

    private mutating func append(picture sample: Sample, of media: MediaFormat) -> [ByteBuffer] {
        if sample.isRandomAccess, media != formats.video?.media, let video = HLSVideoFormat(media) {
            interrupt()
            formats.video = video
        } else if !isRestartNeeded, !timeline.continues(sample.presentationTime) {
            interrupt()
        }
        guard let format = formats.video, sample.isRandomAccess || !isRestartNeeded else { return [] }
        let nalUnits = nalUnits(of: sample, format)
        guard !nalUnits.isEmpty else { return [] }
        if announced == nil, tracks.audio != nil, formats.audio?.media.sampleEntry == nil, !hasWaitedForSound {
            hasWaitedForSound = true
            return []
        }
        var pieces = initializationIfNeeded()
        let isBeginning = isRestartNeeded
        if isRestartNeeded {
            timeline.restart(
                at: sample.presentationTime, reorderDepth: format.reorderDepth,
                frameDuration: format.nominalFrameDuration)
            isRestartNeeded = false
        }
        let (presentationTime, decodeTime) = timeline.place(sample.presentationTime)
        if let silence, let audio = formats.audio {
            let times = self.silence?.frames(beforePictureAt: audio.ownTime(presentationTime)) ?? []
            for time in times { keep(silence.frame, at: time, lasting: silence.duration) }
        }
        pieces += takeSound()
        // Browsers forget what follows a hole in the decoding times, up to the next keyframe (Media Source Extensions §3.5.8): so
        // only a keyframe may leave one, and each other picture takes the time since the one before.
        let start = sample.isRandomAccess || isBeginning ? decodeTime : min(pictureEnd ?? decodeTime, decodeTime)
        let end = max(decodeTime &+ timeline.frameDuration, start &+ 1)
        pictureEnd = end
        let picture = HLSSample(
            payload: .nalUnits(nalUnits), presentationTime: presentationTime, decodeTime: start,
            isRandomAccess: sample.isRandomAccess)
        let track = FMP4Fragment.Track(FMP4TrackID.video, [picture], end: end, origin: HLSTimeline.origin)
        if let metadata = PictureMetadata(nalUnits: nalUnits, codec: format.codec) {
            pieces.append(event(metadata, at: presentationTime))
        }
        return pieces + fragment(track, isEntrance: sample.isRandomAccess)
    }

    /// The parameter sets are in the initialization. A player that takes only the first one reads later ones here.
    private func nalUnits(of sample: Sample, _ format: HLSVideoFormat) -> [ArraySlice<UInt8>] {
        let nalUnits = format.codec.fmp4NALUnits(of: sample.nalUnits)
        let hasChanged = isAnnouncedAnew || announced.map { $0.video != format } ?? false
        guard hasChanged, sample.isRandomAccess, !nalUnits.isEmpty else { return nalUnits }
        return format.media.parameterSets.map { $0[...] } + nalUnits
    }

    // MARK: Sound

    /// Beside pictures sound takes their timeline; alone it has its own.
    private mutating func append(sound sample: Sample, of media: MediaFormat) -> [ByteBuffer] {
        guard var audio = formats.audio, case .frame(let frame) = sample.payload else { return [] }
        if media != audio.media {
            audio.media = media
            use(audio)
        }
        guard audio.media.sampleEntry != nil else { return [] }
        let duration = audio.media.duration(of: frame, clockRate: audio.clockRate)
        guard tracks.video == nil else {
            guard announced?.audio != nil, !isRestartNeeded else { return [] }
            var placed = sample.presentationTime &+ audio.ownTime(timeline.offset)
            if let silence {
                guard let placement = self.silence?.place(soundAt: placed, lasting: duration) else { return [] }
                for time in placement.silent { keep(silence.frame, at: time, lasting: silence.duration) }
                placed = placement.time
            }
            keep(frame, at: placed, lasting: duration)
            return keptTime >= Self.soundPatience ? takeSound() : []
        }
        let time = audio.muxerTime(sample.presentationTime)
        if !isRestartNeeded, !timeline.continues(time) { interrupt() }
        let pieces = initializationIfNeeded()
        if isRestartNeeded {
            timeline.restart(at: time, reorderDepth: 0, frameDuration: max(audio.muxerTime(duration), 1))
            isRestartNeeded = false
        }
        _ = timeline.place(time)
        keep(frame, at: sample.presentationTime &+ audio.ownTime(timeline.offset), lasting: duration)
        return pieces + takeSound()
    }

    private mutating func keep(_ frame: ArraySlice<UInt8>, at time: Int64, lasting duration: Int64) {
        guard let audio = formats.audio, time >= audio.ownTime(HLSTimeline.origin) else { return }
        if tracks.video != nil { timeline.soundIsPlaced(until: audio.muxerTime(time &+ duration)) }
        sound.append(
            (
                HLSSample(payload: .frame(frame), presentationTime: time, decodeTime: time, isRandomAccess: true),
                duration
            ))
    }

    private var keptTime: Duration {
        guard let audio = formats.audio else { return .zero }
        return HLSTimeline.duration(audio.muxerTime(sound.reduce(0) { $0 + $1.duration }))
    }

    /// What was kept, as a fragment.
    private mutating func takeSound() -> [ByteBuffer] {
        guard let audio = formats.audio else { return [] }
        defer { sound = [] }
        return fragment(
            FMP4Fragment.Track(sound: sound, origin: audio.ownTime(HLSTimeline.origin)), isEntrance: tracks.video == nil
        )
    }

    // MARK: Boxes

    private mutating func initializationIfNeeded() -> [ByteBuffer] {
        guard announced != formats else { return [] }
        let sound = takeSound()
        // Sound that was not announced at first can't come later: players have made ready for what they were told.
        if let announced, announced.audio == nil { formats.audio = nil }
        if formats.audio?.media.sampleEntry == nil { formats.audio = nil }
        if formats.audio == nil { tracks.audio = nil }
        guard announced != formats else { return sound }
        isAnnouncedAnew = announced != nil
        announced = formats
        return sound + [formats.fmp4Initialization(hasSound: true)]
    }

    private func event(_ metadata: PictureMetadata, at presentationTime: Int64) -> ByteBuffer {
        var bytes: [UInt8] = []
        FMP4EventMessage(
            scheme: FMP4EventMessage.jsonScheme,
            presentationTime: UInt64(clamping: presentationTime &- HLSTimeline.origin),
            timescale: UInt32(HLSTimeline.clockRate), data: metadata.json
        ).append(to: &bytes)
        return ByteBuffer(bytes: bytes)
    }

    /// Nothing without samples.
    private mutating func fragment(_ track: FMP4Fragment.Track?, isEntrance: Bool) -> [ByteBuffer] {
        guard let track else { return [] }
        sequenceNumber &+= 1
        var bytes = isEntrance ? Self.segmentType : []
        FMP4Fragment(sequenceNumber: sequenceNumber, tracks: [track]).append(to: &bytes)
        return [ByteBuffer(bytes: bytes)]
    }

    // MARK: Changes

    private mutating func interrupt() {
        silence?.restart()
        isRestartNeeded = true
        pictureEnd = nil
    }

    private mutating func use(_ audio: HLSAudioFormat) {
        guard audio != formats.audio else { return }
        formats.audio = audio
        silence = tracks.video == nil ? nil : HLSSilence(audio)
    }
}
