import Logging
import MediaKit
import StreamModel
import StreamProtocols

/// What a rendition's thread does, until it is stopped. Used by that thread alone.
final class RenditionLoop {
    /// How often counters are reported.
    static let reportInterval: Duration = .seconds(1)
    /// How long a camera that may be copied at whatever size it has is given to answer before the placeholder is shown:
    /// the picture changes its size then.
    static let copyPatience: Duration = .milliseconds(300)
    /// The same where the camera may send H.265, or sound, and nothing has come yet: a placeholder in another codec than the
    /// camera's, or without sound, would cost the viewer its connection.
    static let codecPatience: Duration = .milliseconds(1500)

    /// An encoder is replaced when pictures come at a rate that differs by more than this part from what it was told.
    static let rateTolerance = 0.15

    private let id: String
    private let encoding: Encoding
    private let transmission: TransmissionState
    private let feed: RenditionFeed
    private let encoders: EncoderDesk
    private let publishers: RenditionPublishers
    private let monitor: RenditionMonitor
    private let logger: Logger

    private var stream: PublishedStream
    private var sound = RenditionSound()
    private var codec = RenditionCodec()
    private var pacer: RenditionPacer
    private var keyframes = KeyframeGate()
    private var placeholder: PlaceholderPicture
    private var nextReport: MonotonicInstant
    /// The newest frame of the selected writer, encoded or not.
    private var latest: VideoFrame?
    private var backlog = FrameBacklog()

    /// Opened when the first picture has to be encoded, and closed while pictures are copied.
    private var encoder: RenditionEncoder?
    /// The way from the camera, if what comes along it may be copied.
    private var route: CopyRoute?
    private var terms: CopyTerms?
    private var isCopying = false
    /// The size of the pictures that were passed on last, when the outputs leave the size open.
    private var copiedSize: Resolution?
    /// Of the pictures that came last; the placeholder takes it on, so that the encoder can stay.
    private var colour = PictureColour.bt709
    /// How many pictures a second the encoder is told to expect.
    private var framesPerSecond: Int
    private var backoff = Backoff.encoder
    /// How many signals had been dropped when the last picture was copied.
    private var droppedSignals: UInt64 = 0

    init(
        id: String, encoding: Encoding, transmission: TransmissionState, feed: RenditionFeed, encoders: EncoderDesk,
        publishers: RenditionPublishers, monitor: RenditionMonitor, logger: Logger
    ) {
        self.id = id
        self.encoding = encoding
        self.transmission = transmission
        self.feed = feed
        self.encoders = encoders
        self.publishers = publishers
        self.monitor = monitor
        self.logger = logger
        let now = MonotonicInstant.now
        let patience = Self.patience(
            with: transmission.copyPath.route, terms: transmission.copyTerms(for: encoding),
            expecting: transmission.expectedCodec, knowsSound: Self.knowsSound(transmission, publishers))
        pacer = RenditionPacer(framesPerSecond: encoding.fps, at: now, firstDeadline: patience)
        stream = PublishedStream(.h264, origin: pacer.origin, sound: transmission.sound.format)
        framesPerSecond = encoding.fps
        placeholder = PlaceholderPicture(
            width: encoding.width, height: encoding.height, showsText: encoding.placeholderText, now: now)
        nextReport = now + Self.reportInterval
    }

    /// How long the camera is given to answer before the placeholder is shown.
    ///
    /// - Parameters:
    ///   - codec: what the camera sent when it was read last.
    ///   - knowsSound: whether it is known if there is sound, or nobody wants any.
    static func patience(
        with route: CopyRoute?, terms: CopyTerms, expecting codec: VideoCodec?, knowsSound: Bool
    ) -> Duration {
        guard knowsSound else { return codecPatience }
        guard let route else { return .zero }
        if codec != .h264, terms.allowsH265(isForced: route.isForced) { return codecPatience }
        return terms.size == nil ? copyPatience : .zero
    }

    /// Serves until the rendition is stopped; an encoder that fails is replaced after a while.
    func run() {
        monitor.begin()
        followCopyPath()
        transmission.attach(id, queue: feed.frames, signals: feed.signals)
        // What has become known before anybody told it here.
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
            let step = feed.signals.wait(until: min(pacer.deadline, nextReport))
            let now = MonotonicInstant.now
            switch step {
            case .element(.frame):
                let isBehind = backlog.isBehind(waiting: feed.frames.count, at: now)
                if let frame = isBehind ? feed.frames.popNewest() : feed.frames.pop() { try take(frame, now: now) }
            case .element(.packet(let packet)): take(packet, now: now)
            case .element(.sound(let frame)): take(frame)
            case .element(.soundChanged): followSound()
            case .element(.copyPathChanged): followCopyPath()
            case .element(.keyframeRequested): if !isCopying { pacer.pictureWanted(now: now) }
            case .timedOut: break
            case .closed: return
            }
            try meetDeadline(now: .now)
            reportIfDue(at: now)
        }
    }

    // MARK: Copying

    /// Takes over what the configuration says about the way from the camera; what comes decides the rest.
    private func followCopyPath() {
        let path = transmission.copyPath
        route = path.route
        stopCopying()
        codec.settingsChanged()
        if case .none(let objection) = path {
            codec.copyingEnded()
            followCodec()
            monitor.mode(.encoded(objection))
            if Self.knowsSound(transmission, publishers) { pacer.hurry(now: .now) }
        }
    }

    private func take(_ packet: CameraPacket, now: MonotonicInstant) {
        guard let route else { return }
        // What the outputs ask for may have changed, without a change of the encoding.
        if packet.isRandomAccess || terms == nil {
            let newTerms = transmission.copyTerms(for: encoding)
            if terms != newTerms { codec.settingsChanged() }
            terms = newTerms
        }
        guard let terms else { return }
        let verdict = codec.follow(
            terms.verdict(on: packet.facts, route: route, isCopied: isCopying), camera: packet.facts.videoCodec)
        followCodec()
        if let objection = verdict.objection {
            monitor.mode(.encoded(objection, isForced: route.isForced))
            stopCopying()
            pacer.hurry(now: now)
        } else if isCopying || packet.isRandomAccess {
            copy(packet, now: now)
        } else {
            // The codec is known; only the keyframe is waited for.
            pacer.hurry(now: min(pacer.deadline, now + Self.copyPatience))
        }
    }

    /// Goes on with another codec; the publishers see it by the next keyframe.
    private func followCodec() {
        guard stream.codec != codec.current else { return }
        stream = PublishedStream(codec.current, origin: pacer.origin, sound: stream.soundFormat)
        encoder = nil
    }

    private func copy(_ packet: CameraPacket, now: MonotonicInstant) {
        if !isCopying {
            guard transmission.setCopying(true, id) else { return }
            isCopying = true
            feed.frames.removeAll()
            latest = nil
            encoder = nil
            droppedSignals = feed.signals.droppedCount
        }
        if droppedSignals != feed.signals.droppedCount {
            // Pictures are missing, and those that refer to them can't be shown.
            guard packet.isRandomAccess else { return }
            droppedSignals = feed.signals.droppedCount
        }
        _ = feed.takeKeyframeRequest()
        monitor.received()
        let timestamp = pacer.copied(capturedAt: packet.captureTime, now: now)
        let unit = stream.picture(
            Sample(nalUnits: packet.nalUnits, presentationTime: timestamp, isRandomAccess: packet.isRandomAccess))
        publishers.send([unit])
        monitor.handedOver(after: packet.captureTime.duration(to: .now))
        if packet.isRandomAccess {
            monitor.mode(.copied(packet.facts))
            // The encoder has no odd sizes.
            copiedSize =
                terms?.size == nil
                ? packet.facts.picture.map { Resolution(width: $0.width & ~1, height: $0.height & ~1) } : nil
        }
        monitor.copied()
    }

    /// From now on frames are wanted; the encoder is opened with the first.
    private func stopCopying() {
        guard isCopying else { return }
        endCopy()
        pacer.postpone(until: .now + WriterArbiter.freshness)
    }

    private func endCopy() {
        isCopying = false
        transmission.setCopying(false, id)
    }

    // MARK: Sound

    private static func knowsSound(_ transmission: TransmissionState, _ publishers: RenditionPublishers) -> Bool {
        transmission.sound != .unknown || !publishers.takeSound
    }

    /// Takes over what is known of the sound; viewers are told with the next keyframe.
    private func followSound() {
        stream.setSound(transmission.sound.format)
        guard !stream.isSoundDescribed, !isCopying else { return }
        keyframes.request()
        pacer.pictureWanted(now: .now)
    }

    private func take(_ frame: CameraSound) {
        // Beside the placeholder there is silence.
        guard isCopying || !pacer.showsPlaceholder, let sample = sound.sample(of: frame, since: stream.origin),
            let unit = stream.sound(sample)
        else { return }
        publishers.send([unit])
    }

    // MARK: Encoding

    private func openedEncoder(_ encoding: Encoding, _ colour: PictureColour) throws(MediaError) -> RenditionEncoder {
        if let encoder, encoder.encoding == encoding, encoder.colour == colour { return encoder }
        encoder = nil
        monitor.encoderOpens()
        let selection = selection
        monitor.encoderNote(selection.note)
        let encoder: RenditionEncoder
        do throws(MediaError) {
            encoder = try RenditionEncoder(
                encoding, selection.backend, framesPerSecond: framesPerSecond, colour: colour, codec: codec.current,
                from: encoders, sharing: transmission.scaledFrames)
        } catch {
            guard selection.backend != .cpu else { throw error }
            encoders.failed(selection.backend, error)
            return try openedEncoder(encoding, colour)
        }
        backoff.succeeded(at: .now)
        self.encoder = encoder
        monitor.encoder(selection.backend)
        keyframes.request()
        return encoder
    }

    /// H.265 stands in for a camera's for a while only, which is not worth the hardware's trouble.
    private var selection: EncoderSelection {
        codec.current == .h265 ? encoders.selection(EncoderChoice.cpu) : encoders.selection(encoding.encoder)
    }

    /// Hardware that has turned out to work takes over from the CPU, and the other way round.
    private func followEncoderChoice() {
        guard let encoder else { return }
        let selection = selection
        monitor.encoderNote(selection.note)
        if selection.backend != encoder.backend { self.encoder = nil }
    }

    /// An encoder gives each picture its share of the bitrate: one that expects more pictures than come uses a part of it.
    private func followRate() {
        guard let encoder, encoding.bitrateKbps != nil, let measured = pacer.measuredRate else { return }
        let rate = min(max(Int(measured.rounded()), 1), encoding.fps)
        guard abs(measured - Double(framesPerSecond)) > Double(framesPerSecond) * Self.rateTolerance,
            rate != framesPerSecond
        else { return }
        logger.info("There are \(rate) pictures a second; the encoder had been told \(framesPerSecond).")
        framesPerSecond = rate
        if encoder.framesPerSecond != rate { self.encoder = nil }
    }

    private func take(_ frame: VideoFrame, now: MonotonicInstant) throws(MediaError) {
        guard !isCopying else { return }
        latest = frame
        colour = frame.colour
        monitor.received()
        guard case .encode(let timestamp, let keyframe) = pacer.frameArrived(capturedAt: frame.captureTime, now: now)
        else { return }
        try encode(frame, as: encoding, timestamp: timestamp, keyframe: keyframe, isRepeat: false)
        monitor.handedOver(after: frame.captureTime.duration(to: .now))
        monitor.picture(.live)
    }

    /// Where the camera decides the size, viewers keep it while the camera is away.
    private var placeholderEncoding: Encoding {
        guard let copiedSize else { return encoding }
        var result = encoding
        (result.width, result.height) = (copiedSize.width, copiedSize.height)
        return result
    }

    private func meetDeadline(now: MonotonicInstant) throws(MediaError) {
        guard now >= pacer.deadline else { return }
        // What waits in the queue is newer than what would be repeated.
        guard feed.signals.count == 0 else { return }
        let hasSignal = transmission.hasSignal(at: now)
        if isCopying {
            guard !hasSignal else {
                pacer.postpone(until: now + pacer.interval)
                return
            }
            endCopy()
        }
        switch pacer.deadlinePassed(now: now, hasSignal: latest != nil && hasSignal) {
        case .wait:
            return
        case .repeatLast(let timestamp):
            guard let latest else { return }
            try encode(latest, as: encoding, timestamp: timestamp, keyframe: false, isRepeat: true)
        case .placeholder(let timestamp):
            latest = nil
            let shown = placeholderEncoding
            placeholder.follow(width: shown.width, height: shown.height, colour: colour)
            let presentation = transmission.presentation
            let frame = try placeholder.frame(presentation, at: now)
            try encode(frame, as: shown, timestamp: timestamp, keyframe: false, isRepeat: false)
            monitor.picture(.placeholder(signalLost: placeholder.signalLost(presentation, at: now)))
        }
    }

    private func encode(
        _ frame: VideoFrame, as encoding: Encoding, timestamp: Int64, keyframe: Bool, isRepeat: Bool
    ) throws(MediaError) {
        let encoder = try openedEncoder(encoding, frame.colour)
        if feed.takeKeyframeRequest() { keyframes.request() }
        let start = MonotonicInstant.now
        let units: [PublishedUnit]
        do throws(MediaError) {
            units = try encoder.encode(
                frame, timestamp: timestamp, keyframe: keyframe || keyframes.isDue(at: start), stream: &stream)
        } catch {
            guard encoder.backend != .cpu else { throw error }
            // The picture is encoded all the same, so viewers notice nothing but a keyframe.
            encoders.failed(encoder.backend, error)
            self.encoder = nil
            return try encode(frame, as: encoding, timestamp: timestamp, keyframe: keyframe, isRepeat: isRepeat)
        }
        let end = MonotonicInstant.now
        if units.contains(where: \.isKeyframe) { keyframes.keyframeMade(at: end) }
        monitor.encoded(by: encoder.name, in: start.duration(to: end), isRepeat: isRepeat)
        publishers.send(units)
    }

    private func reportIfDue(at now: MonotonicInstant) {
        guard now >= nextReport else { return }
        nextReport = max(nextReport + Self.reportInterval, now)
        monitor.queueDropped(total: Int(clamping: feed.frames.droppedCount))
        monitor.report(at: now)
        followEncoderChoice()
        followRate()
    }

    /// Waits, reporting all the while: a silent worker would be taken for a hung one.
    private func wait(until deadline: MonotonicInstant) {
        while MonotonicInstant.now < deadline, !feed.stopFlag.wait(until: min(deadline, nextReport)) {
            reportIfDue(at: .now)
        }
    }
}
