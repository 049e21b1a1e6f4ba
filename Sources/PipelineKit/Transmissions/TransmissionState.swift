import Foundation
import Logging
import MediaKit
import StreamModel
import StreamProtocols
import Synchronization

/// What a transmission shows now: the writers' latest frames, the choice between them, and the renditions that want it.
final class TransmissionState: Sendable {
    /// What the placeholder says.
    struct Presentation: Sendable, Equatable {
        var name: String
        var placeholder: PlaceholderStyle
        /// Since when there has been no picture; nil when there never was one.
        var signalLost: Date?
        /// Whether anything could bring a picture.
        var hasPipeline = true
        /// Why there is no picture, although a pipeline has some: it keeps them back. Nil where it is not so.
        var rest: RestReason?
    }

    /// A rendition that wants pictures.
    private struct Attachment {
        let queue: BoundedQueue<VideoFrame>
        /// Gets coded pictures, and word of frames; nil for one that is only ever given frames.
        let signals: BoundedQueue<RenditionSignal>?
        /// Whether it passes coded pictures on, and has no use for frames.
        var isCopying = false
        /// Whether it passes the camera's sound on; so it may be until it has said so of the sound that there is.
        var takesSound = true
        var encodings: Set<SoundEncoding> = []

        func push(_ frame: VideoFrame) {
            guard !isCopying else { return }
            queue.push(frame)
            signals?.push(.frame)
        }
    }

    private struct State {
        var arbiter: WriterArbiter
        var frames: [String: VideoFrame] = [:]
        var renditions: [String: Attachment] = [:]
        var presentation: Presentation
        var copyPath = CopyPath.none(
            CodedMessage("copy_unknown", "it is not known yet what writes into this transmission"))
        var expectedCodec: VideoCodec?
        /// What each writer's camera has been found to send.
        var sounds: [String: KnownSound] = [:]
        /// The writer that is shown, or was last; before any was, the first whose camera was opened.
        var soundWriter: String?
        /// Its sound.
        var foundSound = KnownSound.unknown
        /// What is believed until a camera has been opened.
        var expectedSound = KnownSound.unknown
        var sound: KnownSound { foundSound == .unknown ? expectedSound : foundSound }
        var announcedWriter: String?
        var metadata = MetadataTimeline()
        var transcoder: SoundTranscoder
    }

    let id: String
    /// What the renditions have made of the frames, for those that want the same size.
    let scaledFrames = ScaledFrames()
    private let state: Mutex<State>
    private let events: EventSink
    private let logger: Logger

    init(_ transmission: Transmission, events: @escaping EventSink, logger: Logger) {
        id = transmission.id
        self.events = events
        self.logger = logger
        state = Mutex(
            State(
                arbiter: WriterArbiter(mode: transmission.arbitration),
                presentation: Presentation(name: transmission.name, placeholder: transmission.placeholder),
                transcoder: SoundTranscoder(logger: logger)))
    }

    /// Takes over changed settings; writers and renditions go on.
    func update(_ transmission: Transmission) {
        state.withLock {
            $0.arbiter.mode = transmission.arbitration
            $0.presentation.name = transmission.name
            $0.presentation.placeholder = transmission.placeholder
        }
    }

    // MARK: Copying

    /// Whether the pictures can come straight from a camera. Renditions that copy decode again when they can't any more.
    var copyPath: CopyPath {
        get { state.withLock(\.copyPath) }
        set {
            state.withLock { state in
                guard state.copyPath != newValue else { return }
                state.copyPath = newValue
                for id in state.renditions.keys { state.renditions[id]?.isCopying = false }
                for attachment in state.renditions.values { attachment.signals?.push(.copyPathChanged) }
            }
        }
    }

    /// What the camera on the direct way sent when it was read last; nil when that is not known.
    var expectedCodec: VideoCodec? {
        get { state.withLock(\.expectedCodec) }
        set { state.withLock { $0.expectedCodec = newValue } }
    }

    /// Whether this transmission needs decoded frames: all but renditions that copy do.
    var wantsFrames: Bool {
        state.withLock { state in
            state.copyPath.route == nil || state.renditions.values.contains { !$0.isCopying }
        }
    }

    /// Hands a coded picture to the renditions. While one of them copies, it counts as a new frame of the writer.
    func offer(_ packet: CameraPacket, now: MonotonicInstant = .now) {
        state.withLock { state in
            guard let route = state.copyPath.route else { return }
            state.metadata.pictureCame(capturedAt: packet.captureTime, with: packet.metadata, now: now)
            if state.renditions.values.contains(where: \.isCopying) { note(route, in: &state, at: now) }
            for attachment in state.renditions.values { attachment.signals?.push(.packet(packet)) }
        }
    }

    /// A rendition begins to pass coded pictures on, or ends it.
    ///
    /// - Returns: whether it is so now; false when the way from the camera is gone.
    @discardableResult
    func setCopying(_ isCopying: Bool, _ renditionID: String, now: MonotonicInstant = .now) -> Bool {
        state.withLock { state in
            guard let route = state.copyPath.route, state.renditions[renditionID] != nil else { return !isCopying }
            state.renditions[renditionID]?.isCopying = isCopying
            forgetFramesOfCopied(in: &state)
            if isCopying { note(route, in: &state, at: now) }
            return true
        }
    }

    /// When nothing is decoded any more: frames from before would be shown as new ones when decoding begins again.
    private func forgetFramesOfCopied(in state: inout State) {
        guard let route = state.copyPath.route, !state.renditions.values.contains(where: { !$0.isCopying }) else {
            return
        }
        state.frames[route.writerID] = nil
    }

    private func note(_ route: CopyRoute, in state: inout State, at now: MonotonicInstant) {
        forget(state.arbiter.update(route.writerID, priority: route.priority, at: now), in: &state)
        choose(in: &state, at: now, newFrameOf: nil)
    }

    // MARK: Sound

    /// What is known of the sound that belongs to the pictures.
    var sound: KnownSound { state.withLock(\.sound) }

    /// What the sound was when the camera was read last, which is believed until it is opened.
    var expectedSound: KnownSound {
        get { state.withLock(\.expectedSound) }
        set { state.withLock { changeSound(in: &$0) { $0.expectedSound = newValue } } }
    }

    /// What encodes the sound: transmissions that hear the same camera may share it.
    var transcoder: SoundTranscoder {
        get { state.withLock(\.transcoder) }
        set {
            state.withLock { state in
                let old = state.transcoder
                guard old !== newValue else { return }
                state.transcoder = newValue
                for (id, attachment) in state.renditions {
                    guard let signals = attachment.signals else { continue }
                    old.unsubscribe(id, signals: signals)
                    subscribe(id, attachment, in: state)
                }
            }
        }
    }

    /// A rendition passes these sounds on from now on.
    func takeSound(_ versions: Set<SoundVersion>, _ renditionID: String) {
        state.withLock { state in
            state.renditions[renditionID]?.takesSound = versions.contains(.copied)
            state.renditions[renditionID]?.encodings = Set(versions.compactMap(\.encoding))
            if let attachment = state.renditions[renditionID] { subscribe(renditionID, attachment, in: state) }
        }
    }

    private func subscribe(_ renditionID: String, _ attachment: Attachment, in state: State) {
        guard let signals = attachment.signals else { return }
        state.transcoder.subscribe(renditionID, to: attachment.encodings, signals: signals)
    }

    /// A writer's sound. It reaches the renditions if the writer is the chosen one.
    func hear(_ signal: SoundSignal, by writerID: String) {
        state.withLock { state in
            switch signal {
            case .known(let sound):
                state.sounds[writerID] = sound
                if writerID == state.arbiter.selected ?? state.soundWriter ?? writerID {
                    follow(soundOf: writerID, in: &state)
                }
            case .frame(let sound):
                guard state.arbiter.selected == writerID, state.sound == .format(sound.format) else { return }
                for attachment in state.renditions.values where attachment.takesSound {
                    attachment.signals?.push(.sound(sound))
                }
                state.transcoder.hear(sound)
            }
        }
    }

    private func follow(soundOf writerID: String, in state: inout State) {
        guard let found = state.sounds[writerID] else { return }
        state.soundWriter = writerID
        changeSound(in: &state) { $0.foundSound = found }
    }

    private func changeSound(in state: inout State, _ change: (inout State) -> Void) {
        let before = state.sound
        change(&state)
        guard state.sound != before else { return }
        for (id, attachment) in state.renditions {
            state.renditions[id]?.takesSound = true
            attachment.signals?.push(.soundChanged)
        }
    }

    // MARK: Writers

    func open(_ writerID: String, priority: Int, now: MonotonicInstant = .now) {
        state.withLock { state in
            forget(state.arbiter.open(writerID, priority: priority, at: now), in: &state)
        }
    }

    /// A writer has a new frame. It reaches the renditions if the writer is the chosen one.
    ///
    /// - Parameter metadata: what has been found in it.
    func write(
        _ frame: VideoFrame, with metadata: PictureMetadata? = nil, by writerID: String, priority: Int,
        now: MonotonicInstant = .now
    ) {
        state.withLock { state in
            for stale in state.arbiter.evictStale(at: now) { state.frames[stale] = nil }
            forget(state.arbiter.update(writerID, priority: priority, at: now), in: &state)
            state.frames[writerID] = frame
            choose(in: &state, at: now, newFrameOf: writerID)
            if state.arbiter.selected == writerID {
                state.metadata.pictureCame(capturedAt: frame.captureTime, with: metadata, now: now)
            }
            forgetFramesOfCopied(in: &state)
        }
    }

    /// A writer keeps a frame back. Another one is shown then, if there is one.
    func rest(_ writerID: String, because reason: RestReason, priority: Int, now: MonotonicInstant = .now) {
        state.withLock { state in
            forget(state.arbiter.rest(writerID, because: reason, priority: priority, at: now), in: &state)
            choose(in: &state, at: now, newFrameOf: nil)
            guard state.arbiter.selected != writerID else { return }
            // It would be old when the writer is chosen again.
            state.frames[writerID] = nil
            // Its camera works until now; what is lost is lost from here on.
            if state.arbiter.selected == nil { state.presentation.signalLost = Date() }
        }
    }

    func close(_ writerID: String, now: MonotonicInstant = .now) {
        state.withLock { state in
            state.arbiter.close(writerID, at: now)
            state.frames[writerID] = nil
            state.sounds[writerID] = nil
            if state.soundWriter == writerID { state.soundWriter = nil }
            choose(in: &state, at: now, newFrameOf: nil)
        }
    }

    // MARK: Metadata

    /// JSON for the next picture that is shown; it takes the place of what waits for that.
    func post(_ metadata: PictureMetadata, now: MonotonicInstant = .now) {
        state.withLock { $0.metadata.post(metadata, at: now) }
    }

    /// The metadata of the pictures that were captured after the one and up to the other instant; of several, the newest.
    func metadata(after start: MonotonicInstant, upTo end: MonotonicInstant) -> PictureMetadata? {
        state.withLock { $0.metadata.metadata(after: start, upTo: end) }
    }

    // MARK: Renditions

    /// From now on `queue` gets the frames of the chosen writer, beginning with the latest if it is fresh.
    ///
    /// - Parameter signals: gets the coded pictures too, and a word for each frame in `queue`.
    func attach(
        _ renditionID: String, queue: BoundedQueue<VideoFrame>, signals: BoundedQueue<RenditionSignal>? = nil,
        now: MonotonicInstant = .now
    ) {
        state.withLock { state in
            choose(in: &state, at: now, newFrameOf: nil)
            let attachment = Attachment(queue: queue, signals: signals)
            state.renditions[renditionID] = attachment
            if let selected = state.arbiter.selected, let frame = state.frames[selected] { attachment.push(frame) }
        }
    }

    /// `queue` gets nothing any more. A queue that has been replaced under the same id is left alone.
    func detach(_ renditionID: String, queue: BoundedQueue<VideoFrame>) {
        state.withLock { state in
            guard let attachment = state.renditions[renditionID], attachment.queue === queue else { return }
            if let signals = attachment.signals { state.transcoder.unsubscribe(renditionID, signals: signals) }
            state.renditions[renditionID] = nil
            forgetFramesOfCopied(in: &state)
            if state.renditions.isEmpty { scaledFrames.removeAll() }
        }
    }

    /// Whether a writer is eligible.
    func hasSignal(at now: MonotonicInstant = .now) -> Bool {
        state.withLock { state in
            choose(in: &state, at: now, newFrameOf: nil)
            return state.arbiter.selected != nil
        }
    }

    func presentation(at now: MonotonicInstant = .now) -> Presentation {
        state.withLock { state in
            var presentation = state.presentation
            presentation.hasPipeline = state.copyPath != .noPipeline
            presentation.rest = state.arbiter.selected == nil ? state.arbiter.restReason(at: now) : nil
            return presentation
        }
    }

    // MARK: -

    /// Selects anew, and hands out the chosen writer's frame if it is new or its writer newly chosen.
    private func choose(in state: inout State, at now: MonotonicInstant, newFrameOf writerID: String?) {
        let selected = state.arbiter.select(at: now)
        let hasChanged = selected != state.announcedWriter
        if hasChanged {
            state.announcedWriter = selected
            if selected == nil { state.presentation.signalLost = Date() }
            if let selected { follow(soundOf: selected, in: &state) }
            events(.activeWriter(transmissionID: id, writerID: selected))
        }
        guard let selected, hasChanged || selected == writerID, let frame = state.frames[selected] else { return }
        for attachment in state.renditions.values { attachment.push(frame) }
    }

    private func forget(_ evicted: String?, in state: inout State) {
        guard let evicted else { return }
        state.frames[evicted] = nil
        logger.warning(
            "A transmission has more than \(WriterArbiter.writerLimit) writers; the oldest was dropped.",
            metadata: ["transmission": "\(id)", "writer": "\(evicted)"])
    }
}
