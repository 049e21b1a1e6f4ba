import Logging
import MediaKit
import StreamModel
import StreamProtocols

/// What a rendition's thread does, until it is stopped: it tells ``RenditionDirector`` what happens, and performs what that
/// decides. Used by that thread alone.
final class RenditionLoop {
    /// How often counters are reported.
    static let reportInterval: Duration = .seconds(1)

    private let id: String
    private let order: StandingOrder
    /// The one that is followed.
    private var encoding: Encoding
    private let transmission: TransmissionState
    private let feed: RenditionFeed
    private let encoders: EncoderDesk
    private let sinks: RenditionSinks
    private let monitor: RenditionMonitor
    private let logger: Logger

    private var director: RenditionDirector
    private var stream: PublishedStream
    private var sounds = RenditionSounds()
    private var placeholder: PlaceholderPicture
    private var nextReport: MonotonicInstant
    /// The newest frame of the selected writer, encoded or not.
    private var latest: VideoFrame?
    private var backlog = FrameBacklog()
    /// Opened when the first picture has to be encoded, and closed while pictures are copied.
    private var encoder: RenditionEncoder?
    /// Of the pictures that came last; the placeholder takes it on, so that the encoder can stay.
    private var colour = PictureColour.bt709
    private var backoff = Backoff.encoder
    /// When the newest picture was captured whose metadata has been looked for.
    private var annotatedUntil: MonotonicInstant

    init(
        id: String, order: StandingOrder, transmission: TransmissionState, feed: RenditionFeed, encoders: EncoderDesk,
        sinks: RenditionSinks, monitor: RenditionMonitor, logger: Logger
    ) {
        self.id = id
        self.order = order
        let first = order.current
        encoding = first.encoding
        self.transmission = transmission
        self.feed = feed
        self.encoders = encoders
        self.sinks = sinks
        self.monitor = monitor
        self.logger = logger
        let now = MonotonicInstant.now
        annotatedUntil = now
        director = RenditionDirector(
            first.encoding, route: transmission.copyPath.route, terms: first.terms,
            expecting: transmission.expectedCodec, knowsSound: Self.knowsSound(transmission, sinks), now: now)
        stream = PublishedStream(
            director.codec, origin: director.origin,
            sounds: PublishedSounds(of: transmission.sound, for: sinks.sounds))
        placeholder = PlaceholderPicture(
            width: encoding.width, height: encoding.height, showsText: encoding.placeholderText, now: now)
        nextReport = now + Self.reportInterval
    }

    /// Serves until the rendition is stopped; an encoder that fails is replaced after a while.
    func run() {
        monitor.begin()
        // What has become known before anybody told it here.
        feed.signals.push(.copyPathChanged)
        transmission.attach(id, queue: feed.frames, signals: feed.signals)
        // Who was stopped before could not be detached then.
        defer { transmission.detach(id, queue: feed.frames) }
        followSound()
        while !feed.stopFlag.isInterrupted {
            do throws(MediaError) {
                try serve()
            } catch {
                encoder = nil
                let delay = backoff.failed(at: .now)
                logger.error("\(error)", metadata: ["retry_in": "\(delay)"])
                monitor.picture(.failed(reason: error.reason))
                wait(until: .now + delay)
            }
        }
    }

    private func serve() throws(MediaError) {
        while !feed.stopFlag.isInterrupted {
            let step = feed.signals.wait(until: min(director.deadline, nextReport))
            let now = MonotonicInstant.now
            switch step {
            case .element(.frame):
                let isBehind = backlog.isBehind(waiting: feed.frames.count, at: now)
                if let frame = isBehind ? feed.frames.popNewest() : feed.frames.pop() { try take(frame, now: now) }
            case .element(.packet(let packet)): try take(packet, now: now)
            case .element(.sound(let frame)): take(frame)
            case .element(.soundChanged): followSound()
            case .element(.copyPathChanged): try followCopyPath()
            case .element(.orderChanged): followOrder()
            case .element(.keyframeRequested): followKeyframeRequests(now: now)
            case .timedOut: break
            case .closed: return
            }
            try meetDeadline(now: .now)
            reportIfDue(at: now)
        }
    }

    private func perform(_ actions: [RenditionDirector.Action]) throws(MediaError) {
        for action in actions {
            switch action {
            case .beginCopying(let packet): if beginCopying() { try take(packet, now: .now) }
            case .endCopying: transmission.setCopying(false, id)
            case .changeCodec(let codec):
                stream = PublishedStream(codec, origin: director.origin, sounds: stream.sounds)
                encoder = nil
            case .copy(let packet, let timestamp): copy(packet, timestamp: timestamp)
            case .encode(let timestamp, let keyframe): try encodeLatest(timestamp: timestamp, keyframe: keyframe)
            case .repeatLast(let timestamp): try repeatLatest(timestamp: timestamp)
            case .showPlaceholder(let timestamp, let size): try showPlaceholder(timestamp: timestamp, size)
            case .report(let mode): monitor.mode(mode)
            }
        }
    }

    // MARK: Copying

    private func followCopyPath() throws(MediaError) {
        try perform(
            director.copyPathChanged(
                transmission.copyPath, knowsSound: Self.knowsSound(transmission, sinks), now: .now))
    }

    private func take(_ packet: CameraPacket, now: MonotonicInstant) throws(MediaError) {
        let terms = director.needsTerms(for: packet) ? order.current.terms : nil
        try perform(
            director.packetArrived(packet, terms: terms, dropped: feed.signals.droppedCount, now: now))
    }

    private func beginCopying() -> Bool {
        guard transmission.setCopying(true, id) else { return false }
        feed.frames.removeAll()
        latest = nil
        closeEncoder()
        director.copyingBegan(dropped: feed.signals.droppedCount)
        return true
    }

    private func copy(_ packet: CameraPacket, timestamp: Int64) {
        _ = feed.takeKeyframeRequest()
        monitor.received()
        let metadata = metadata(ofPictureCapturedAt: packet.captureTime)
        let unit = stream.picture(
            Sample(nalUnits: packet.nalUnits, presentationTime: timestamp, isRandomAccess: packet.isRandomAccess),
            metadata: metadata)
        sinks.send([unit] + sounds.early(besidePictureOf: timestamp, in: &stream))
        monitor.handedOver(after: packet.captureTime.duration(to: .now))
        monitor.copied()
    }

    // MARK: Metadata

    /// What goes with the next picture: its own metadata, or that of one that was left out since the last; nil where nobody is to see
    /// any.
    private func metadata(ofPictureCapturedAt captureTime: MonotonicInstant) -> PictureMetadata? {
        defer { annotatedUntil = max(annotatedUntil, captureTime) }
        stream.audience = sinks.audience
        guard !stream.audience.isEmpty else { return nil }
        return transmission.metadata(after: annotatedUntil, upTo: captureTime)
    }

    // MARK: Sound

    private static func knowsSound(_ transmission: TransmissionState, _ sinks: RenditionSinks) -> Bool {
        transmission.sound != .unknown || !sinks.sounds.contains(where: \.dependsOnCamera)
    }

    /// Takes over what is known of the sound; viewers are told with the next keyframe.
    private func followSound() {
        var camera = transmission.sound
        // What is encoded goes on as silence when there is nothing any more.
        if camera == .none, !stream.sounds.encodings.isEmpty, stream.sounds.camera.format != nil {
            camera = stream.sounds.camera
        }
        stream.sounds = PublishedSounds(of: camera, for: sinks.sounds)
        transmission.takeSound(stream.sounds.versions, id)
        if !stream.areSoundsDescribed { director.keyframeRequested(now: .now) }
    }

    private func take(_ frame: CameraSound) {
        // Beside the placeholder there is silence; what is encoded has it already.
        guard frame.version != .copied || !director.showsPlaceholder, let unit = sounds.unit(of: frame, in: &stream)
        else { return }
        sinks.send([unit])
    }

    // MARK: Encoding

    private func openedEncoder(_ encoding: Encoding, _ colour: PictureColour) throws(MediaError) -> RenditionEncoder {
        if let encoder, encoder.encoding == encoding, encoder.colour == colour { return encoder }
        closeEncoder()
        monitor.encoderOpens()
        let selection = selection
        monitor.encoderNote(selection.note)
        let encoder: RenditionEncoder
        do throws(MediaError) {
            encoder = try RenditionEncoder(
                encoding, selection.backend, framesPerSecond: director.framesPerSecond, colour: colour,
                codec: director.codec, from: encoders, sharing: transmission.scaledFrames)
        } catch {
            guard selection.backend != .cpu else { throw error }
            encoders.failed(selection.backend, error)
            return try openedEncoder(encoding, colour)
        }
        backoff.succeeded(at: .now)
        self.encoder = encoder
        monitor.encoder(selection.backend)
        director.encoderOpened()
        return encoder
    }

    /// The pictures that wait in the encoder are shown before another one goes on. Hardware that is slow to hand them out is not
    /// waited for.
    private func closeEncoder() {
        guard let encoder = encoder.take(), encoder.backend == .cpu else { return }
        if let units = try? encoder.finish(stream: &stream) { sinks.send(units) }
    }

    /// Hardware is used for H.264 alone.
    private var selection: EncoderSelection {
        director.codec != .h264 ? encoders.selection(EncoderChoice.cpu) : encoders.selection(encoding.encoder)
    }

    /// Hardware that has turned out to work takes over from the CPU, and the other way round.
    private func followEncoderChoice() {
        guard let encoder else { return }
        let selection = selection
        monitor.encoderNote(selection.note)
        if selection.backend != encoder.backend { closeEncoder() }
    }

    private func followRate() {
        let told = director.framesPerSecond
        guard encoder != nil, director.rateChecked() else { return }
        logger.info("There are \(director.framesPerSecond) pictures a second; the encoder had been told \(told).")
        closeEncoder()
    }

    /// Takes on other rates: the encoder goes on with them where it can, else another one encodes the next picture. The stream stays
    /// the same.
    private func followOrder() {
        let ordered = order.current.encoding
        guard ordered != encoding else { return }
        encoding = ordered
        director.ratesChanged(to: ordered)
        guard let encoder else { return }
        var shown = ordered
        // The placeholder may have the size of what was copied before.
        (shown.width, shown.height) = (encoder.encoding.width, encoder.encoding.height)
        if !encoder.follow(shown, framesPerSecond: director.framesPerSecond) { closeEncoder() }
    }

    private func followKeyframeRequests(now: MonotonicInstant) {
        if feed.takeKeyframeRequest() { director.keyframeRequested(now: now) }
    }

    private func take(_ frame: VideoFrame, now: MonotonicInstant) throws(MediaError) {
        guard !director.isCopying else { return }
        latest = frame
        colour = frame.colour
        monitor.received()
        try perform(director.frameArrived(capturedAt: frame.captureTime, now: now))
    }

    private func meetDeadline(now: MonotonicInstant) throws(MediaError) {
        // What waits in the queue is newer than what would be repeated.
        guard now >= director.deadline, feed.signals.count == 0 else { return }
        let hasSignal = transmission.hasSignal(at: now)
        try perform(director.deadlinePassed(hasSignal: hasSignal, hasFrame: latest != nil, now: now))
    }

    private func encodeLatest(timestamp: Int64, keyframe: Bool) throws(MediaError) {
        guard let latest else { return }
        let metadata = metadata(ofPictureCapturedAt: latest.captureTime)
        try encode(
            latest, as: encoding, timestamp: timestamp, keyframe: keyframe, metadata: metadata, isRepeat: false)
        monitor.handedOver(after: latest.captureTime.duration(to: .now))
        monitor.picture(.live)
    }

    private func repeatLatest(timestamp: Int64) throws(MediaError) {
        guard let latest else { return }
        try encode(latest, as: encoding, timestamp: timestamp, keyframe: false, isRepeat: true)
    }

    private func showPlaceholder(timestamp: Int64, _ size: Resolution?) throws(MediaError) {
        let now = MonotonicInstant.now
        latest = nil
        var shown = encoding
        if let size { (shown.width, shown.height) = (size.width, size.height) }
        placeholder.follow(width: shown.width, height: shown.height, colour: colour)
        let presentation = transmission.presentation(at: now)
        let frame = try placeholder.frame(presentation, at: now)
        try encode(frame, as: shown, timestamp: timestamp, keyframe: false, isRepeat: false)
        monitor.picture(
            presentation.rest.map(RenditionMonitor.Picture.rest)
                ?? .placeholder(signalLost: placeholder.signalLost(presentation, at: now)))
    }

    private func encode(
        _ frame: VideoFrame, as encoding: Encoding, timestamp: Int64, keyframe: Bool,
        metadata: PictureMetadata? = nil, isRepeat: Bool
    ) throws(MediaError) {
        stream.audience = sinks.audience
        let encoder = try openedEncoder(encoding, frame.colour)
        let start = MonotonicInstant.now
        followKeyframeRequests(now: start)
        let isKeyframe = keyframe || director.isKeyframeDue(at: start)
        let units: [PublishedUnit]
        do throws(MediaError) {
            units = try encoder.encode(
                frame, timestamp: timestamp, keyframe: isKeyframe, metadata: metadata, stream: &stream)
        } catch {
            guard encoder.backend != .cpu else { throw error }
            // The picture is encoded all the same, so viewers notice nothing but a keyframe.
            encoders.failed(encoder.backend, error)
            self.encoder = nil
            return try encode(
                frame, as: encoding, timestamp: timestamp, keyframe: keyframe, metadata: metadata, isRepeat: isRepeat)
        }
        let end = MonotonicInstant.now
        // With B-frames it comes out some pictures later, and must not be asked for with each of them.
        if isKeyframe || units.contains(where: \.isKeyframe) { director.keyframeMade(at: end) }
        monitor.encoded(by: encoder.name, in: start.duration(to: end), isRepeat: isRepeat)
        // With B-frames, what comes out is earlier than what went in.
        let shown = units.first?.sample.presentationTime ?? timestamp
        sinks.send(units + sounds.early(besidePictureOf: shown, in: &stream))
    }

    private func reportIfDue(at now: MonotonicInstant) {
        guard now >= nextReport else { return }
        nextReport = max(nextReport + Self.reportInterval, now)
        monitor.queueDropped(total: Int(clamping: feed.frames.droppedCount))
        monitor.report(at: now)
        sinks.report(at: now)
        followEncoderChoice()
        // The word of it may have been dropped.
        followOrder()
        followRate()
    }

    /// Waits, reporting all the while: a silent worker would be taken for a hung one.
    private func wait(until deadline: MonotonicInstant) {
        while MonotonicInstant.now < deadline, !feed.stopFlag.wait(until: min(deadline, nextReport)) {
            reportIfDue(at: .now)
        }
    }
}
