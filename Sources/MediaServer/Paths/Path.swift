import EngineContract
import Logging
import StreamProtocols

/// A client that publishes a path.
protocol PathPublisher: AnyObject {
    var endpoint: ControlAPI.Endpoint { get }
    /// Asks for a picture that decoding can begin with. Many can't make one.
    ///
    /// - Parameter ssrc: of the packets that it sends of the track.
    func requestKeyframe(ofTrack track: Int, ssrc: UInt32)
    /// Ends the publisher's session, because another takes over or the path is closed.
    func close(because reason: String)
}

/// A client that reads a path: who it is. What it gets is a ``StreamReader``'s matter.
protocol PathReader: AnyObject {
    var endpoint: ControlAPI.Endpoint { get }
    /// The control API does not list it: its viewers are listed instead.
    var isHidden: Bool { get }
    /// Bytes sent to it.
    var outboundByteCount: Int { get }
    /// The stream that it was reading ended, or the path is closed.
    func pathClosed(because reason: String)
}

/// One path: its publisher, its stream, its readers, and the requests that wait for it.
///
/// Confined to the engine's event loop.
final class Path {
    /// How long viewers stay when the publisher is lost: a publisher that was restarted is back by then.
    static let republishGrace: Duration = .seconds(10)
    /// Requests on hold at most.
    static let holdLimit = 256

    let name: String
    let entry: PathTable.Entry
    private(set) var stream: Stream?
    private(set) var publisher: (any PathPublisher)?
    /// When the publisher came, in the wall clock's text.
    private(set) var readySince: String?
    private(set) var readers: [ObjectIdentifier: any PathReader] = [:]

    private var holds: [ObjectIdentifier: PathHold] = [:]
    private var onDemand: OnDemandState?
    private var timers: [OnDemandState.Timer: LoopTimer] = [:]
    private var graceTimer: LoopTimer?
    private var hook: HookID?
    private var isClosed = false
    private var formerInboundByteCount = 0
    private var formerOutboundByteCount = 0
    private let environment: PathEnvironment

    init(name: String, entry: PathTable.Entry, environment: PathEnvironment) {
        self.name = name
        self.entry = entry
        self.environment = environment
        if entry.configuration.source == "publisher", !entry.configuration.runOnDemand.isEmpty {
            onDemand = OnDemandState(
                settings: .init(
                    isRestarting: entry.configuration.runOnDemandRestart,
                    // Between DESCRIBE and SETUP there is no reader for a moment.
                    closeAfter: max(entry.configuration.runOnDemandCloseAfter, .seconds(1))))
        }
    }

    /// Whether it has a publisher.
    var isReady: Bool { stream?.hasPublisher ?? false }

    /// Nothing would be lost if it were forgotten.
    var isIdle: Bool {
        stream == nil && publisher == nil && readers.isEmpty && holds.isEmpty && onDemand?.isIdle ?? true
    }

    var inboundByteCount: Int { formerInboundByteCount + (stream?.inboundByteCount ?? 0) }

    var outboundByteCount: Int {
        readers.values.reduce(formerOutboundByteCount) { $0 + $1.outboundByteCount }
    }

    // MARK: Waiting

    /// Calls `completion` with the stream, now or when a publisher has come.
    ///
    /// - Returns: what ends the waiting early; nil when `completion` was called already.
    func whenReady(
        query: String, _ completion: @escaping (Result<Stream, PathError>) -> Void
    ) -> PathHold? {
        if isClosed {
            completion(.failure(.closing))
            return nil
        }
        if let stream, stream.hasPublisher {
            completion(.success(stream))
            return nil
        }
        // A publisher that has just been lost is likely to come back.
        guard onDemand != nil || stream != nil, holds.count < Self.holdLimit else {
            environment.logRepeatable(.info, "no stream is available on path '\(name)'")
            completion(.failure(.noStream(path: name)))
            return nil
        }
        let hold = PathHold(path: self, completion: completion)
        holds[ObjectIdentifier(hold)] = hold
        hold.timer = environment.clock.schedule(after: entry.configuration.runOnDemandStartTimeout) {
            [weak self, weak hold] in
            guard let self, let hold else { return }
            environment.logRepeatable(.info, "source of path '\(name)' has timed out")
            finish(hold, .failure(.timedOut(path: name)))
        }
        lastQuery = query
        demandBegan()
        // A command that can't even be started has ended the waiting.
        return holds[ObjectIdentifier(hold)]
    }

    private var lastQuery = ""

    private func finish(_ hold: PathHold, _ result: Result<Stream, PathError>) {
        guard holds.removeValue(forKey: ObjectIdentifier(hold)) != nil else { return }
        hold.timer?.cancel()
        // The completion adds a reader, so that the demand does not end in between.
        hold.completion(result)
        demandEnded()
    }

    fileprivate func cancel(_ hold: PathHold) {
        guard holds.removeValue(forKey: ObjectIdentifier(hold)) != nil else { return }
        hold.timer?.cancel()
        demandEnded()
    }

    // MARK: Readers

    func add(_ reader: any PathReader) throws(PathError) {
        let limit = entry.configuration.maxReaders
        guard limit == 0 || readers.count < limit else { throw .tooManyReaders(path: name, limit: limit) }
        readers[ObjectIdentifier(reader)] = reader
        demandBegan()
    }

    func remove(_ reader: any PathReader) {
        guard readers.removeValue(forKey: ObjectIdentifier(reader)) != nil else { return }
        formerOutboundByteCount += reader.outboundByteCount
        demandEnded()
    }

    // MARK: Publisher

    /// Whether a client may publish now; `RECORD` asks again.
    func checkPublishing() throws(PathError) {
        guard entry.configuration.source == "publisher" else { throw .notPublishable(path: name) }
        guard publisher == nil || entry.configuration.overridePublisher else { throw .alreadyPublished(path: name) }
        if isClosed { throw .closing }
    }

    /// Sets the publisher.
    ///
    /// - Returns: the stream to feed.
    func publish(_ newPublisher: any PathPublisher, formats: [RTPFormat]) throws(PathError) -> Stream {
        try checkPublishing()
        if let former = publisher {
            publisher = nil
            stream?.publisherLeft()
            former.close(because: "another publisher took over path '\(name)'")
        }
        graceTimer?.cancel()
        graceTimer = nil
        publisher = newPublisher
        readySince = environment.clock.wallTime.description

        let current: Stream
        if let stream, stream.accepts(formats) {
            stream.publisherChanged(formats: formats)
            current = stream
        } else {
            endStream(because: "the new publisher of path '\(name)' sends other tracks")
            current = environment.makeStream(name, formats)
            stream = current
        }
        current.publisher = newPublisher
        onDemand?.publisherCame()
        environment.logger.info(
            "Path '\(name)' is published", metadata: ["tracks": "\(formats.map(\.media.name).joined(separator: ", "))"])
        for hold in Array(holds.values) { finish(hold, .success(current)) }
        return current
    }

    func publisherLeft(_ leaving: any PathPublisher) {
        guard publisher === leaving else { return }
        publisher = nil
        readySince = nil
        stream?.publisherLeft()
        environment.logger.info("Path '\(name)' has lost its publisher")
        guard !isClosed else { return }
        // An announcement is a reader of the stream alone, and waits for nobody.
        if stream != nil, !readers.isEmpty {
            graceTimer = environment.clock.schedule(after: Self.republishGrace) { [weak self] in
                guard let self else { return }
                graceTimer = nil
                endStream(because: "no publisher came back to path '\(name)'")
                for hold in Array(holds.values) where onDemand == nil {
                    finish(hold, .failure(.noStream(path: name)))
                }
                environment.onIdle(self)
            }
        } else {
            endStream(because: "")
        }
        perform(onDemand?.publisherLeft() ?? [])
        environment.onIdle(self)
    }

    private func endStream(because reason: String) {
        guard let ended = stream else { return }
        formerInboundByteCount += ended.inboundByteCount
        stream = nil
        ended.end()
        environment.streamEnded(ended)
        for reader in Array(readers.values) { reader.pathClosed(because: reason) }
    }

    // MARK: Command

    private func demandBegan() { perform(onDemand?.demandBegan() ?? []) }

    private func demandEnded() {
        perform(onDemand?.demandEnded() ?? [])
        environment.onIdle(self)
    }

    private func perform(_ actions: [OnDemandState.Action]) {
        for action in actions {
            switch action {
            case .startHook:
                hook = environment.startHook(self, lastQuery)
                // One that can't even be started has ended.
                if hook == nil { commandEnded() }
            case .stopHook:
                if let hook { environment.stopHook(hook) }
                hook = nil
            case .schedule(let timer, let delay):
                timers[timer]?.cancel()
                timers[timer] = environment.clock.schedule(after: delay) { [weak self] in
                    guard let self else { return }
                    timers[timer] = nil
                    perform(onDemand?.timerFired(timer) ?? [])
                    environment.onIdle(self)
                }
            case .cancel(let timer):
                timers.removeValue(forKey: timer)?.cancel()
            }
        }
    }

    /// The command that was started as `exited` has ended by itself.
    func hookExited(_ exited: HookID) {
        guard hook == exited else { return }
        hook = nil
        commandEnded()
        environment.onIdle(self)
    }

    /// The requests on hold have nothing to wait for any more, unless the command is run again.
    private func commandEnded() {
        perform(onDemand?.hookExited() ?? [])
        guard !entry.configuration.runOnDemandRestart, !holds.isEmpty else { return }
        environment.logRepeatable(
            .warning, "the runOnDemand command of path '\(name)' ended before anybody published it")
        for hold in Array(holds.values) { finish(hold, .failure(.commandEnded(path: name))) }
    }

    // MARK: End

    /// Ends everything: the path is removed, its settings changed, or the engine stops.
    func close(because reason: String) {
        guard !isClosed else { return }
        isClosed = true
        graceTimer?.cancel()
        for hold in Array(holds.values) { finish(hold, .failure(.closing)) }
        let former = publisher
        publisher = nil
        endStream(because: reason)
        for reader in Array(readers.values) { reader.pathClosed(because: reason) }
        former?.close(because: reason)
        perform(onDemand?.close() ?? [])
        for timer in timers.values { timer.cancel() }
        timers = [:]
    }
}

/// What a path needs of the engine.
struct PathEnvironment {
    var clock: EngineClock
    var logger: Logger
    /// Writes a line that clients can make come as often as they like.
    var logRepeatable: (Logger.Level, String) -> Void
    var makeStream: (_ path: String, _ formats: [RTPFormat]) -> Stream
    /// One that it has made is over.
    var streamEnded: (Stream) -> Void
    var startHook: (_ path: Path, _ query: String) -> HookID?
    var stopHook: (HookID) -> Void
    /// Something may have become superfluous.
    var onIdle: (Path) -> Void
}

/// A command that was started.
struct HookID: Hashable, Sendable {
    var number: Int
}

/// A request that waits for a path's publisher.
final class PathHold {
    private weak var path: Path?
    fileprivate let completion: (Result<Stream, PathError>) -> Void
    fileprivate var timer: LoopTimer?

    fileprivate init(path: Path, completion: @escaping (Result<Stream, PathError>) -> Void) {
        self.path = path
        self.completion = completion
    }

    /// The client that waited is gone; the completion is not called.
    func cancel() { path?.cancel(self) }
}
