import Logging
import MediaKit
import StreamModel
import StreamProtocols

/// What a destination's thread does, until it is stopped. Used by that thread alone.
struct PushLoop {
    /// How long a destination may take to answer, and to take what is sent before it counts as stuck.
    static let connectTimeout: Duration = .seconds(10)
    static let writeTimeout: Duration = .seconds(10)

    private let destination: StreamDestination
    private let feed: PushFeed
    private let monitor: DestinationMonitor
    private let logger: Logger
    private let address: OutputAddress

    init(_ destination: StreamDestination, feed: PushFeed, monitor: DestinationMonitor, logger: Logger) {
        self.destination = destination
        self.feed = feed
        self.monitor = monitor
        self.logger = logger
        address = destination.output
    }

    func run() {
        var backoff = Backoff.destination
        while let description = feed.description() {
            monitor.connecting(isCalled: destination.waitsToBeCalled)
            var isSending = false
            do throws(MediaError) {
                try push(description) {
                    isSending = true
                    backoff.succeeded(at: .now)
                    monitor.sending()
                }
                guard !feed.interrupt.isInterrupted else { return }
                let delay = backoff.renewed(at: .now)
                logger.info(
                    "What is sent is another stream now; it is announced anew.", metadata: ["retry_in": "\(delay)"])
                if delay > .zero { wait(delay, because: PushFailure(ofChangesAt: address.description)) }
            } catch {
                guard !feed.interrupt.isInterrupted else { return }
                let delay = backoff.failed(at: .now)
                logger.info("\(error)", metadata: ["retry_in": "\(delay)"])
                wait(delay, because: PushFailure(error, target: address.description, wasSending: isSending))
            }
        }
    }

    private func wait(_ delay: Duration, because failure: PushFailure) {
        monitor.failed(failure, retryIn: delay)
        feed.interrupt.wait(until: .now + delay)
    }

    /// Connects and sends, until something else is to be sent than what was announced.
    ///
    /// - Parameter onStart: called when the first picture has gone out.
    private func push(_ announced: StreamDescription, onStart: () -> Void) throws(MediaError) {
        guard let tracks = announced.outputTracks else {
            throw MediaError(
                kind: .invalidData, operation: "announce stream", subject: address.description,
                reason: "it is not known what the stream is")
        }
        let output = try StreamOutput(
            to: address, timeout: destination.waitsToBeCalled ? nil : Self.connectTimeout, interrupt: feed.interrupt)
        defer {
            feed.close()
            output.close()
        }
        try output.begin(tracks, timeout: Self.connectTimeout)
        feed.open()
        var clock: Duration?
        while !feed.interrupt.isInterrupted {
            for unit in feed.take() {
                if let stream = unit.stream, !stream.isCompatible(with: announced) { return }
                let isFirst = clock == nil
                let start = clock ?? unit.decodeTime
                clock = start
                // Sound may have come before the picture that it belongs to.
                guard unit.decodeTime >= start,
                    let track = announced.tracks.firstIndex(where: { $0.number == unit.track })
                else { continue }
                try write(unit, track: track, since: start, to: output)
                monitor.sent(pictures: unit.isPicture ? 1 : 0, bytes: unit.sample.byteCount)
                if isFirst { onStart() }
            }
        }
    }

    private func write(
        _ unit: PublishedUnit, track: Int, since start: Duration, to output: StreamOutput
    ) throws(MediaError) {
        let bytes: [UInt8]
        switch unit.sample.payload {
        case .nalUnits(let nalUnits): bytes = AnnexB.join(nalUnits)
        case .frame(let frame): bytes = Array(frame)
        // Nothing that is passed on unread is sent to destinations.
        case .packet: return
        }
        try output.write(
            bytes, track: track, at: unit.time - start, decodedAt: unit.decodeTime - start,
            isKeyframe: unit.sample.isRandomAccess,
            newExtradata: unit.stream?.pictureParameterSets, timeout: Self.writeTimeout)
    }
}
