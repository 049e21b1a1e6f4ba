import Logging
import MediaKit
import StreamModel
import StreamProtocols

/// What a rendition's thread does, until it is stopped. Used by that thread alone.
final class RenditionLoop {
    /// How often counters are reported.
    static let reportInterval: Duration = .seconds(1)

    private let id: String
    private let encoding: Encoding
    private let transmission: TransmissionState
    private let feed: RenditionFeed
    private let publishers: RenditionPublishers
    private let monitor: RenditionMonitor
    private let logger: Logger

    private var packetizer = H264Packetizer()
    private var pacer: RenditionPacer
    private var keyframes = KeyframeGate()
    private var placeholder: PlaceholderPicture
    private var nextReport: MonotonicInstant
    /// The newest frame of the selected writer, encoded or not.
    private var latest: VideoFrame?

    init(
        id: String, encoding: Encoding, transmission: TransmissionState, feed: RenditionFeed,
        publishers: RenditionPublishers, monitor: RenditionMonitor, logger: Logger
    ) {
        self.id = id
        self.encoding = encoding
        self.transmission = transmission
        self.feed = feed
        self.publishers = publishers
        self.monitor = monitor
        self.logger = logger
        let now = MonotonicInstant.now
        pacer = RenditionPacer(framesPerSecond: encoding.fps, at: now)
        placeholder = PlaceholderPicture(width: encoding.width, height: encoding.height, now: now)
        nextReport = now + Self.reportInterval
    }

    /// Encodes until the rendition is stopped; an encoder that fails is replaced after a while.
    func run() {
        var backoff = Backoff.encoder
        monitor.begin()
        transmission.attach(id, queue: feed.frames)
        while !feed.stopFlag.isInterrupted {
            do throws(MediaError) {
                monitor.picture(.opening)
                let encoder = try RenditionEncoder(encoding)
                backoff.succeeded(at: .now)
                keyframes.request()
                try encode(with: encoder)
            } catch {
                let delay = backoff.failed(at: .now)
                logger.error("\(error)", metadata: ["retry_in": "\(delay)"])
                monitor.picture(.failed("This output cannot be encoded: \(error.reason). It is tried again by itself."))
                wait(until: .now + delay)
            }
        }
    }

    private func encode(with encoder: RenditionEncoder) throws(MediaError) {
        while !feed.stopFlag.isInterrupted {
            let step = feed.frames.wait(until: min(pacer.deadline, nextReport))
            let now = MonotonicInstant.now
            switch step {
            case .element(let frame): try take(frame, now: now, encoder: encoder)
            case .timedOut: break
            case .closed: return
            }
            try meetDeadline(now: .now, encoder: encoder)
            reportIfDue(at: now)
        }
    }

    private func take(_ frame: VideoFrame, now: MonotonicInstant, encoder: RenditionEncoder) throws(MediaError) {
        latest = frame
        guard case .encode(let timestamp, let keyframe) = pacer.frameArrived(capturedAt: frame.captureTime, now: now)
        else { return }
        try encode(frame, timestamp: timestamp, keyframe: keyframe, isRepeat: false, encoder: encoder)
        monitor.picture(.live)
    }

    private func meetDeadline(now: MonotonicInstant, encoder: RenditionEncoder) throws(MediaError) {
        guard now >= pacer.deadline else { return }
        // A frame that waits in the queue is newer than what would be repeated.
        guard feed.frames.count == 0 else { return }
        switch pacer.deadlinePassed(now: now, hasSignal: latest != nil && transmission.hasSignal(at: now)) {
        case .wait:
            return
        case .repeatLast(let timestamp):
            guard let latest else { return }
            try encode(latest, timestamp: timestamp, keyframe: false, isRepeat: true, encoder: encoder)
        case .placeholder(let timestamp):
            latest = nil
            let frame = try placeholder.frame(transmission.presentation, at: now)
            try encode(frame, timestamp: timestamp, keyframe: false, isRepeat: false, encoder: encoder)
            monitor.picture(.placeholder)
        }
    }

    private func encode(
        _ frame: VideoFrame, timestamp: Int64, keyframe: Bool, isRepeat: Bool, encoder: RenditionEncoder
    ) throws(MediaError) {
        if feed.takeKeyframeRequest() { keyframes.request() }
        let start = MonotonicInstant.now
        let units = try encoder.encode(
            frame, timestamp: timestamp, at: pacer.instant(of: timestamp),
            keyframe: keyframe || keyframes.isDue(at: start), packetizer: &packetizer)
        let end = MonotonicInstant.now
        if units.contains(where: \.isKeyframe) { keyframes.keyframeMade(at: end) }
        monitor.encoded(in: start.duration(to: end), isRepeat: isRepeat)
        publishers.send(units)
    }

    private func reportIfDue(at now: MonotonicInstant) {
        guard now >= nextReport else { return }
        nextReport = max(nextReport + Self.reportInterval, now)
        monitor.queueDropped(total: Int(clamping: feed.frames.droppedCount))
        monitor.report()
    }

    /// Waits, reporting all the while: a silent worker would be taken for a hung one.
    private func wait(until deadline: MonotonicInstant) {
        while MonotonicInstant.now < deadline, !feed.stopFlag.wait(until: min(deadline, nextReport)) {
            reportIfDue(at: .now)
        }
    }
}
