import Logging
import MediaKit
import NIOCore
import StreamModel
import Synchronization

/// One encoding of a transmission that somebody wants: a thread that paces, scales and encodes, and a sink for each place that it
/// goes to.
final class Rendition: Sendable {
    /// Frames that wait for the encoder at most: enough for a burst after a hiccup of the network, short enough to stay
    /// near to now.
    static let queueCapacity = 4

    let id: String
    /// Ends when the rendition has stopped.
    let thread: DedicatedThread

    private let feed: RenditionFeed
    private let order: StandingOrder
    private let sinks: RenditionSinks
    private let transmission: TransmissionState

    /// Starts at once.
    ///
    /// - Parameters:
    ///   - terms: what a camera has to send to be copied into it.
    ///   - predecessor: what ran under the same id; waited for, so that paths have one publisher at a time.
    init(
        _ spec: RenditionSpec, terms: CopyTerms, transmission: TransmissionState, encoders: EncoderDesk,
        eventLoop: any EventLoop,
        after predecessor: DedicatedThread? = nil, logger: Logger, events: @escaping EventSink
    ) {
        id = spec.id
        self.transmission = transmission
        var logger = logger
        logger[metadataKey: "rendition"] = "\(spec.id)"
        let monitor = RenditionMonitor(id: spec.id, events: events)
        let feed = RenditionFeed(frameCapacity: Self.queueCapacity)
        let standing = StandingOrder(RenditionOrder(encoding: spec.encoding, terms: terms))
        let sinks = RenditionSinks(
            of: spec.transmissionID, eventLoop: eventLoop, monitor: monitor, logger: logger, events: events,
            needsKeyframe: { feed.requestKeyframe() })
        sinks.update(spec.targets, spec.destinations)
        self.feed = feed
        order = standing
        self.sinks = sinks
        thread = DedicatedThread(name: "encode", niceness: MediaNiceness.encoding) { [id, logger] in
            predecessor?.join()
            RenditionLoop(
                id: id, order: standing, transmission: transmission, feed: feed, encoders: encoders, sinks: sinks,
                monitor: monitor, logger: logger
            ).run()
            monitor.end()
            sinks.update([])
        }
    }

    /// Follows a spec whose encoding is the same but for its rates: goes elsewhere and has other rates from now on. Targets and
    /// destinations that stay are not disturbed.
    func update(_ spec: RenditionSpec, terms: CopyTerms) {
        if order.replace(by: RenditionOrder(encoding: spec.encoding, terms: terms)) {
            feed.signals.push(.orderChanged)
        }
        if sinks.update(spec.targets, spec.destinations) { feed.signals.push(.soundChanged) }
    }

    /// What ends a while after the rendition has been stopped, because it says goodbye.
    var sinkThreads: [DedicatedThread] { sinks.threads }

    /// The next picture becomes a keyframe.
    func forceKeyframe() { feed.requestKeyframe() }

    /// Returns at once; ``thread`` ends soon after. Idempotent.
    func stop() {
        transmission.detach(id, queue: feed.frames)
        feed.stop()
    }
}

/// What reaches a rendition's thread from others.
final class RenditionFeed: Sendable {
    /// Coded pictures that wait at most: they are small, and losing one costs all up to the next keyframe. Words of frames
    /// that have been dropped meanwhile count too.
    static let signalCapacity = 300

    let frames: BoundedQueue<VideoFrame>
    let signals = BoundedQueue<RenditionSignal>(capacity: RenditionFeed.signalCapacity)
    let stopFlag = InterruptFlag()
    private let keyframeRequest = Atomic<Bool>(false)

    init(frameCapacity: Int) { frames = BoundedQueue(capacity: frameCapacity) }

    func requestKeyframe() {
        guard !keyframeRequest.exchange(true, ordering: .acquiringAndReleasing) else { return }
        signals.push(.keyframeRequested)
    }

    /// Whether a keyframe was asked for since the last call.
    func takeKeyframeRequest() -> Bool { keyframeRequest.exchange(false, ordering: .acquiringAndReleasing) }

    func stop() {
        stopFlag.interrupt()
        frames.close()
        signals.close()
    }
}

/// What wakes a rendition's thread.
enum RenditionSignal: Sendable {
    /// There is a frame in the queue, unless a newer one has pushed it out or it has been taken.
    case frame
    case packet(CameraPacket)
    /// A frame of the sound that belongs to the pictures.
    case sound(CameraSound)
    /// More is known of the sound, or it is another one.
    case soundChanged
    /// The way from the camera is another one, or none any more.
    case copyPathChanged
    /// The rates are others.
    case orderChanged
    /// A viewer waits for a picture that decoding can begin with.
    case keyframeRequested
}
