import Logging
import MediaKit
import NIOCore
import StreamModel

/// What a publisher tells its rendition. Called on the event loop; must not block.
enum PublisherEvent: Sendable {
    /// The stream is announced, with these sounds.
    case announced(sounds: [PublishedSound])
    /// The engine takes the stream.
    case recording
    /// The engine is away; the publisher goes on trying.
    case lost(PublishError)
    /// Pictures, with their sound, were handed to the network; of the bytes, so many are coded sound, by the number of its track.
    case sent(pictures: Int, bytes: Int, soundBytes: [Int: Int] = [:])
    /// Pictures were dropped because the engine was away or too slow.
    case dropped(pictures: Int)
    /// Nothing can be sent before the next keyframe, or the engine has a viewer that waits for one.
    case needsKeyframe
}

/// A track of sound that is announced.
struct PublishedSound: Sendable, Equatable {
    /// The number of its track.
    var track: Int
    var status: SoundStatus
}

/// Publishes one rendition on one engine path by RTSP over TCP, and connects again by itself.
///
/// `send` never blocks: while the engine does not take data as fast as it comes, whole pictures are dropped up to the next keyframe,
/// and their sound.
final class RTSPPublisher: Sink {
    let target: PublishTarget
    let thread: DedicatedThread? = nil
    private let connector: PublishConnector

    /// Connects at once.
    ///
    /// - Parameter soundPatience: how long the first picture waits for sounds that belong beside it.
    init(
        target: PublishTarget, eventLoop: any EventLoop, logger: Logger,
        soundPatience: Duration = PublishConnector.soundPatience,
        events: @escaping @Sendable (PublisherEvent) -> Void
    ) {
        self.target = target
        var logger = logger
        logger[metadataKey: "path"] = "\(target.path)"
        let connector = PublishConnector(
            target: target, eventLoop: eventLoop, logger: logger, soundPatience: soundPatience, events: events)
        self.connector = connector
        eventLoop.execute { connector.assumeIsolated { $0.connect() } }
    }

    func send(_ units: [PublishedUnit]) {
        let connector = connector
        connector.eventLoop.execute { connector.assumeIsolated { $0.send(units) } }
    }

    /// Its viewers are to hear something else from the next keyframe on.
    func follow(_ sound: PathSound) {
        let connector = connector
        connector.eventLoop.execute { connector.assumeIsolated { $0.follow(sound) } }
    }

    /// Says goodbye and disconnects. Idempotent.
    func stop() {
        let connector = connector
        connector.eventLoop.execute { connector.assumeIsolated { $0.stop() } }
    }
}
