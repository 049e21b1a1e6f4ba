import MediaKit
import StreamProtocols

/// What comes from a camera or file, stamped with the time of capture, and handed on: to those that pass it on as it is, and the
/// pictures to a decoder as long as somebody wants frames. Used by the thread that reads the camera.
final class CodedPictures {
    /// How long a random access point is waited for, before decoding begins in the middle: there are encoders that make
    /// none, and refresh the picture bit by bit.
    static let randomAccessPatience: Duration = .seconds(8)

    private let source: any PacketSource
    private let subject: String
    private let isHeard: Bool
    private let fanout: FrameFanout
    private let monitor: CameraMonitor
    private let randomAccessPatience: Duration
    private var clock: CameraClock
    private var observer: PacketObserver?
    private var group = PictureGroup()
    private var decoding: PictureDecoding?
    /// The decoding that was stopped last, which may still be at a picture.
    private var endingDecoding: DedicatedThread?
    /// Since when a random access point is waited for.
    private var waitingSince: MonotonicInstant?

    /// - Parameters:
    ///   - subject: what the camera is called in errors.
    ///   - isHeard: whether its own sound is handed on.
    init(
        _ source: any PacketSource, of subject: String, isHeard: Bool = true, fanout: FrameFanout,
        monitor: CameraMonitor,
        randomAccessPatience: Duration = randomAccessPatience
    ) {
        self.randomAccessPatience = randomAccessPatience
        self.source = source
        self.isHeard = isHeard
        clock = CameraClock(sound: source.sound, sharesClock: source.sharesClock)
        self.subject = subject
        self.fanout = fanout
        self.monitor = monitor
    }

    /// Reads what comes next and hands it on.
    ///
    /// - Throws: `MediaError` when no more come; `.endOfStream` when the camera ended the stream.
    func advance() throws(MediaError) {
        guard let sample = try source.read() else {
            throw MediaError(kind: .endOfStream, operation: "read", subject: subject, reason: "the stream ended")
        }
        switch sample {
        case .picture(let packet): try take(packet)
        case .sound(let frame): take(frame)
        case .begins(let picture, let sound): clock.begins(picture: picture, sound: sound)
        case .report(let report, let isSound): clock.report(report, isSound: isSound)
        }
    }

    private func take(_ frame: SoundFrame) {
        guard isHeard, let format = source.sound, let place = clock.place(frame) else { return }
        fanout.deliver(CameraSound(frame, of: format, at: place))
    }

    private func take(_ packet: EncodedPacket) throws(MediaError) {
        let captureTime = clock.captureTime(
            timestamp: packet.presentationTime ?? packet.decodeTime, arrival: packet.arrivalTime)
        group.append(packet, capturedAt: captureTime)
        let needs = fanout.needs
        if needs.frames {
            try decode(packet, captureTime)
        } else {
            stopDecoding()
        }
        if needs.packets {
            passOn(packet, captureTime, isDecoded: needs.frames)
        } else {
            observer = nil
        }
    }

    /// Since when the decoder has been busy with one picture; nil while it waits.
    var decodingSince: MonotonicInstant? { decoding?.busySince }

    /// Returns when nothing is decoded any more.
    func end() {
        stopDecoding()
        endingDecoding?.join()
    }

    private func decode(_ packet: EncodedPacket, _ captureTime: MonotonicInstant) throws(MediaError) {
        if let decoding {
            if let failure = decoding.failure { throw failure }
            let leftOut = decoding.push(packet, capturedAt: captureTime)
            monitor.decodes(isInTime: leftOut == 0)
            return
        }
        let since = waitingSince ?? .now
        let hasWaited = since.duration(to: .now) >= randomAccessPatience
        guard !group.pictures.isEmpty || hasWaited else {
            waitingSince = since
            return
        }
        waitingSince = nil
        decoding = PictureDecoding(
            source.video, of: subject, from: group.pictures.isEmpty ? [(packet, captureTime)] : group.pictures,
            showsDamage: group.pictures.isEmpty, after: endingDecoding
        ) { [fanout, monitor] frame in
            monitor.live(width: frame.width, height: frame.height)
            fanout.deliver(frame)
        }
    }

    private func stopDecoding() {
        waitingSince = nil
        guard let decoding else { return }
        decoding.stop()
        endingDecoding = decoding.thread
        self.decoding = nil
    }

    private func passOn(_ packet: EncodedPacket, _ captureTime: MonotonicInstant, isDecoded: Bool) {
        var observer = observer ?? PacketObserver(source.video)
        let observed = observer.observe(packet, capturedAt: captureTime)
        self.observer = observer
        // Without a decoder, and before its first picture, the parameter sets of one that decoding can begin at say what comes.
        if observed.isRandomAccess, !isDecoded || !monitor.isLive, let picture = observed.facts.picture {
            monitor.live(width: picture.width, height: picture.height)
        }
        fanout.deliver(observed)
    }
}
