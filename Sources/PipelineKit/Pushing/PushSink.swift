import Logging
import MediaKit
import StreamModel

/// Sends a rendition to a destination, and connects again by itself. On a thread of its own: a destination that takes nothing, resets
/// or refuses holds up nobody else.
final class PushSink: Sink {
    let thread: DedicatedThread?
    private let feed: PushFeed

    /// Starts at once.
    ///
    /// - Parameter predecessor: what was sent to the same destination before; waited for, because services take one connection at a
    ///   time.
    init(
        _ destination: StreamDestination, monitor: DestinationMonitor, after predecessor: DedicatedThread?,
        logger: Logger
    ) {
        var logger = logger
        logger[metadataKey: "destination"] = "\(destination.id)"
        let feed = PushFeed(hearing: destination.sound, monitor: monitor)
        self.feed = feed
        for secret in destination.secretTexts { MediaKit.conceal(secret) }
        thread = DedicatedThread(name: "push") { [logger] in
            predecessor?.join()
            PushLoop(destination, feed: feed, monitor: monitor, logger: logger).run()
        }
    }

    func send(_ units: [PublishedUnit]) { feed.append(units) }

    func follow(_ sound: PathSound) { feed.hear(sound) }

    func stop() { feed.stop() }
}
