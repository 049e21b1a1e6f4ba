import MediaKit
import StreamModel
import StreamProtocols

/// Decides what a rendition shows: a camera's pictures as they are, encoded frames, the last one again, or the placeholder;
/// and in which codec, when, and whether as a keyframe. A value without clock or thread, so that every order of events can be
/// tested: whoever holds it says what happened, and performs the actions.
struct RenditionDirector: Sendable {
    /// What to do, in order.
    enum Action: Sendable, Equatable {
        /// Tell the transmission that its frames aren't needed here any more. It may refuse, because the way from the camera is
        /// gone; else say ``RenditionDirector/copyingBegan(dropped:)`` and hand in the packet again.
        case beginCopying(CameraPacket)
        /// Tell the transmission that frames are needed again.
        case endCopying
        /// Go on with another codec; the publishers see it by the next keyframe.
        case changeCodec(VideoCodec)
        /// Publish the packet as it is.
        case copy(CameraPacket, timestamp: Int64)
        /// Encode the last frame that came.
        case encode(timestamp: Int64, keyframe: Bool)
        /// Encode the last frame again.
        case repeatLast(timestamp: Int64)
        /// Encode the placeholder; it has the size of the encoding without one of its own.
        case showPlaceholder(timestamp: Int64, size: Resolution?)
        case report(PictureMode)
    }

    /// How long a camera that may be copied at whatever size it has is given to answer before the placeholder is shown:
    /// the picture changes its size then.
    static let copyPatience: Duration = .milliseconds(300)
    /// The same where the camera may send H.265, or sound, and nothing has come yet: a placeholder in another codec than the
    /// camera's, or without sound, would cost the viewer its connection.
    static let codecPatience: Duration = .milliseconds(1500)
    /// An encoder is replaced when pictures come at a rate that differs by more than this part from what it was told.
    static let rateTolerance = 0.15

    private var encoding: Encoding
    private var pacer: RenditionPacer
    private var codecChoice: RenditionCodec
    private var keyframes = KeyframeGate()
    /// The codec that is published.
    private(set) var codec: VideoCodec
    /// The way from the camera, if what comes along it may be copied.
    private var route: CopyRoute?
    private var terms: CopyTerms?
    private(set) var isCopying = false
    /// How many signals had been dropped when the last picture was copied.
    private var dropped: UInt64 = 0
    /// The size of the pictures that were passed on last, when the outputs leave the size open.
    private var copiedSize: Resolution?
    /// How many pictures a second the encoder is told to expect.
    private(set) var framesPerSecond: Int

    /// - Parameters:
    ///   - cameraCodec: what the camera sent when it was read last.
    ///   - knowsSound: whether it is known if there is sound, or nobody wants any.
    init(
        _ encoding: Encoding, route: CopyRoute?, terms: CopyTerms, expecting cameraCodec: VideoCodec?,
        knowsSound: Bool, now: MonotonicInstant
    ) {
        self.encoding = encoding
        codecChoice = RenditionCodec(wanted: encoding.video.codec.map { VideoCodec($0) })
        codec = codecChoice.current
        framesPerSecond = encoding.fps
        pacer = RenditionPacer(
            framesPerSecond: encoding.fps, at: now,
            firstDeadline: Self.patience(
                with: route, terms: terms, expecting: cameraCodec, knowsSound: knowsSound))
    }

    /// How long the camera is given to answer before the placeholder is shown.
    private static func patience(
        with route: CopyRoute?, terms: CopyTerms, expecting codec: VideoCodec?, knowsSound: Bool
    ) -> Duration {
        guard knowsSound else { return codecPatience }
        guard let route else { return .zero }
        if terms.codec == nil, codec != .h264, terms.allowsH265(isForced: route.isForced) { return codecPatience }
        return terms.size == nil ? copyPatience : .zero
    }

    /// When ``deadlinePassed(hasSignal:hasFrame:now:)`` is to be called if nothing happens before.
    var deadline: MonotonicInstant { pacer.deadline }

    /// The instant of timestamp zero.
    var origin: MonotonicInstant { pacer.origin }

    var showsPlaceholder: Bool { !isCopying && pacer.showsPlaceholder }

    // MARK: Copying

    /// The configuration says something else about the way from the camera; what comes along it decides the rest.
    mutating func copyPathChanged(_ path: CopyPath, knowsSound: Bool, now: MonotonicInstant) -> [Action] {
        route = path.route
        var actions = stopCopying(now: now)
        codecChoice.settingsChanged()
        guard case .none(let objection) = path else { return actions }
        codecChoice.copyingEnded()
        actions += followCodec() + [.report(.encoded(objection))]
        if knowsSound { pacer.hurry(now: now) }
        return actions
    }

    /// Whether the terms have to be given with this packet: what the outputs ask for may have changed, without a change of the
    /// encoding.
    func needsTerms(for packet: CameraPacket) -> Bool { route != nil && (packet.isRandomAccess || terms == nil) }

    /// - Parameters:
    ///   - newTerms: those of now, where the packet needs them.
    ///   - dropped: how many signals have been lost up to now, with the pictures in them.
    mutating func packetArrived(
        _ packet: CameraPacket, terms newTerms: CopyTerms?, dropped: UInt64, now: MonotonicInstant
    ) -> [Action] {
        guard let route else { return [] }
        if let newTerms, terms != newTerms {
            codecChoice.settingsChanged()
            terms = newTerms
        }
        guard let terms else { return [] }
        let verdict = codecChoice.follow(
            terms.verdict(on: packet.facts, route: route, isCopied: isCopying), camera: packet.facts.videoCodec)
        var actions = followCodec()
        if let objection = verdict.objection {
            actions.append(.report(.encoded(objection, isForced: route.isForced)))
            actions += stopCopying(now: now)
            pacer.hurry(now: now)
        } else if isCopying {
            actions += copy(packet, dropped: dropped, now: now)
        } else if packet.isRandomAccess {
            actions.append(.beginCopying(packet))
        } else {
            // The codec is known; only the keyframe is waited for.
            pacer.hurry(now: min(pacer.deadline, now + Self.copyPatience))
        }
        return actions
    }

    /// The transmission has agreed.
    mutating func copyingBegan(dropped: UInt64) {
        isCopying = true
        self.dropped = dropped
    }

    private mutating func copy(_ packet: CameraPacket, dropped: UInt64, now: MonotonicInstant) -> [Action] {
        if self.dropped != dropped {
            // Pictures are missing, and those that refer to them can't be shown.
            guard packet.isRandomAccess else { return [] }
            self.dropped = dropped
        }
        let copied = Action.copy(
            packet, timestamp: pacer.copied(capturedAt: packet.captureTime, now: now))
        guard packet.isRandomAccess else { return [copied] }
        // The encoder has no odd sizes.
        copiedSize =
            terms?.size == nil
            ? packet.facts.picture.map { Resolution(width: $0.width & ~1, height: $0.height & ~1) } : nil
        return [copied, .report(.copied(packet.facts))]
    }

    /// From now on frames are wanted; the encoder is opened with the first.
    private mutating func stopCopying(now: MonotonicInstant) -> [Action] {
        guard isCopying else { return [] }
        pacer.postpone(until: now + WriterArbiter.freshness)
        return endCopying()
    }

    private mutating func endCopying() -> [Action] {
        guard isCopying else { return [] }
        isCopying = false
        return [.endCopying]
    }

    private mutating func followCodec() -> [Action] {
        guard codec != codecChoice.current else { return [] }
        codec = codecChoice.current
        return [.changeCodec(codec)]
    }

    // MARK: Encoding

    /// A frame of the chosen writer has come. One that isn't encoded is repeated if nothing newer comes; while pictures are
    /// copied there is no use for it.
    mutating func frameArrived(capturedAt captureTime: MonotonicInstant, now: MonotonicInstant) -> [Action] {
        guard !isCopying,
            case .encode(let timestamp, let keyframe) = pacer.frameArrived(capturedAt: captureTime, now: now)
        else { return [] }
        return [.encode(timestamp: timestamp, keyframe: keyframe)]
    }

    /// - Parameters:
    ///   - hasSignal: whether a writer is eligible.
    ///   - hasFrame: whether there is one to repeat.
    mutating func deadlinePassed(hasSignal: Bool, hasFrame: Bool, now: MonotonicInstant) -> [Action] {
        if isCopying, hasSignal {
            pacer.postpone(until: now + pacer.interval)
            return []
        }
        var actions = endCopying()
        switch pacer.deadlinePassed(now: now, hasSignal: hasFrame && hasSignal) {
        case .wait: break
        case .repeatLast(let timestamp): actions.append(.repeatLast(timestamp: timestamp))
        // Where the camera decides the size, viewers keep it while the camera is away.
        case .placeholder(let timestamp): actions.append(.showPlaceholder(timestamp: timestamp, size: copiedSize))
        }
        return actions
    }

    /// An encoder gives each picture its share of the bitrate: one that expects more pictures than come uses a part of it.
    ///
    /// - Returns: whether it has to be replaced by one that is told another rate.
    mutating func rateChecked() -> Bool {
        guard encoding.bitrateKbps != nil, let measured = pacer.measuredRate else { return false }
        let rate = min(max(Int(measured.rounded()), 1), encoding.fps)
        guard abs(measured - Double(framesPerSecond)) > Double(framesPerSecond) * Self.rateTolerance,
            rate != framesPerSecond
        else { return false }
        framesPerSecond = rate
        return true
    }

    /// The output asks for other rates; all else of the encoding is the same.
    mutating func ratesChanged(to new: Encoding) {
        // A camera that sends fewer pictures than the output allows goes on to do so.
        framesPerSecond = framesPerSecond == encoding.fps ? new.fps : min(framesPerSecond, new.fps)
        encoding = new
        pacer.follow(framesPerSecond: new.fps)
    }

    // MARK: Keyframes

    /// A viewer waits for a picture that decoding can begin with. A camera that is copied sends its keyframes when it likes.
    mutating func keyframeRequested(now: MonotonicInstant) {
        guard !isCopying else { return }
        keyframes.request()
        pacer.pictureWanted(now: now)
    }

    /// An encoder was opened: decoding begins with its first picture.
    mutating func encoderOpened() { keyframes.request() }

    func isKeyframeDue(at now: MonotonicInstant) -> Bool { keyframes.isDue(at: now) }

    mutating func keyframeMade(at now: MonotonicInstant) { keyframes.keyframeMade(at: now) }
}
