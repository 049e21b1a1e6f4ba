import NIOCore
import StreamModel
import StreamProtocols

/// A viewer of a path by WebRTC: the way to it, and who sends it what the stream delivers.
///
/// Unchecked: it is confined to the engine's event loop.
final class WebRTCSession: PathReader, WebRTCMember, @unchecked Sendable {
    let client: WebRTCClient
    let created: String
    let entityTag = WebRTCSession.makeEntityTag()
    let localHost: IPAddress?
    let transport: WebRTCTransport
    /// What it is sent may be another path's than was asked for.
    private(set) var path: Path

    let isHidden = false
    /// Of the path.
    var outboundByteCount: Int { sender.outboundByteCount - formerByteCount }
    var viewerSender: WebRTCSender? { sender }

    private let core: EngineCore
    private var stream: Stream
    private let sender: WebRTCSender
    /// Sent before of other paths.
    private var formerByteCount = 0
    /// The paths with more bits that it had to leave, the best first.
    private var upperPaths: [String] = []
    /// Those whose stream can't be sent to it: that is not made for it in vain again.
    private var unfitPaths: Set<String> = []
    private var move: WebRTCMove?
    /// Why it is sent nothing: the path is no more, and another one is waited for.
    private var lossReason: String?
    private let onEnd: (WebRTCSession, _ reason: String) -> Void
    private var hasEnded = false

    /// - Parameters:
    ///   - localHost: the first of the addresses that the viewer was told.
    ///   - onEnd: called once, when nothing of it remains.
    init(
        _ client: WebRTCClient, path: Path, stream: Stream, transport: WebRTCTransport, sender: WebRTCSender,
        localHost: IPAddress?, core: EngineCore, onEnd: @escaping (WebRTCSession, _ reason: String) -> Void
    ) {
        self.client = client
        self.core = core
        self.localHost = localHost
        self.path = path
        self.stream = stream
        self.transport = transport
        self.sender = sender
        self.onEnd = onEnd
        created = core.clock.wallTime.description
        transport.onEvent = { [weak self] in self?.take($0) }
        let eventLoop = core.clock.eventLoop
        sender.onEvent = { [weak self] event in
            // Never at once: on the same loop, the stream may be going through its readers.
            eventLoop.execute { [weak self] in self?.take(event) }
        }
    }

    private func take(_ event: WebRTCTransport.Event) {
        switch event {
        case .established(let profile, let keys):
            sender.protect(by: profile, keys)
            stream.add(sender)
        case .routeChanged(let route): sender.use(route)
        case .feedback(let packets): sender.take(packets)
        // A viewer has no keys for any.
        case .media: break
        case .ended(let reason): end(because: reason)
        }
    }

    private func take(_ event: WebRTCSender.Event) {
        guard !hasEnded else { return }
        switch event {
        case .keyframeWanted(let track): stream.keyframeWanted(ofTrack: track)
        case .renditionWished(let wish): take(wish)
        case .pathUnfit(let reason):
            unfitPaths.insert(path.name)
            returnUp(because: reason)
        case .failed(let reason): end(because: reason)
        }
    }

    // MARK: Another path

    private func take(_ wish: RenditionWish.Wish) {
        if let move {
            // Before it has come there, more is too much again.
            if wish == .lower, move.isUp { cancelMove() }
            return
        }
        switch wish {
        case .lower: if let lower = core.lowerPath(ofPath: path.name) { begin(moveTo: lower, isUp: false) }
        case .higher: if let upper = upperPaths.last { begin(moveTo: upper, isUp: true) }
        }
    }

    /// Sends the viewer the same of another path as soon as that has a picture to begin with. Until then, and where that can't be, it gets
    /// what it has got.
    private func begin(moveTo name: String, isUp: Bool) {
        guard !unfitPaths.contains(name), core.lets(client, read: name) else { return moveFailed(isUp: isUp) }
        let move = WebRTCMove(
            to: name, isUp: isUp, of: endpoint, on: core.clock.eventLoop,
            isFit: { [stream] next in
                // A codec that was not agreed on can't be sent, nor pictures in an order that browsers don't show.
                stream.accepts(next.formats) && !next.pictureTracks.contains { next.isReordered(track: $0) }
            },
            { [weak self] outcome in
                guard let self else { return }
                self.move = nil
                switch outcome {
                case .arrived(let path, let stream): arrive(at: path, stream, isUp: isUp)
                case .unfit:
                    unfitPaths.insert(name)
                    moveFailed(isUp: isUp)
                case .failed: moveFailed(isUp: isUp)
                }
            })
        self.move = move
        move.begin(in: core, query: client.query, isAtOnce: lossReason != nil)
    }

    private func arrive(at next: Path, _ nextStream: Stream, isUp: Bool) {
        do throws(PathError) { try next.add(self) } catch { return moveFailed(isUp: isUp) }
        if isUp { _ = upperPaths.popLast() } else { upperPaths.append(path.name) }
        stream.remove(sender)
        path.remove(self)
        lossReason = nil
        formerByteCount = sender.outboundByteCount
        (path, stream) = (next, nextStream)
        sender.move(isLowered: !upperPaths.isEmpty)
        stream.add(sender)
    }

    /// What it is sent goes on, if there is anything.
    private func moveFailed(isUp: Bool) {
        guard let lossReason else {
            // One that is unfit does not stand before those above it.
            if isUp, let upper = upperPaths.last, unfitPaths.contains(upper) { upperPaths.removeLast() }
            return
        }
        _ = upperPaths.popLast()
        returnUp(because: lossReason)
    }

    private func cancelMove() {
        move?.cancel()
        move = nil
    }

    /// The path that it is sent is there for it no longer: it gets again what it had to leave, with whatever pictures its line lets through.
    /// Where there is nothing of that, it ends.
    private func returnUp(because reason: String) {
        guard !hasEnded else { return }
        guard let upper = upperPaths.last else { return end(because: reason) }
        cancelMove()
        lossReason = reason
        stream.remove(sender)
        path.remove(self)
        begin(moveTo: upper, isUp: true)
    }

    func pathClosed(because reason: String) { returnUp(because: reason) }

    /// The users have changed.
    func accessChanged() {
        guard core.lets(client, read: pathName) else { return end(because: "its permission was withdrawn") }
        if let move, !core.lets(client, read: move.name) {
            cancelMove()
            moveFailed(isUp: false)
        }
        if lossReason == nil, !core.lets(client, read: path.name) { returnUp(because: "its permission was withdrawn") }
    }

    /// Which path has the same as another in fewer bits may not be what it was.
    func lowerPathsChanged() {
        if let move, !move.isUp, move.name != core.lowerPath(ofPath: path.name) { cancelMove() }
        guard lossReason == nil, let upper = upperPaths.last, path.name != core.lowerPath(ofPath: upper) else { return }
        returnUp(because: "the settings of path '\(upper)' have changed")
    }

    // MARK: End

    /// Ends the session; nothing of it remains.
    func end(because reason: String) {
        guard !hasEnded else { return }
        hasEnded = true
        cancelMove()
        stream.remove(sender)
        // Nothing that still comes is of interest, and the way is closed behind the last packet.
        transport.onEvent = nil
        let eventLoop = core.clock.eventLoop
        sender.stop { [self] in
            if eventLoop.inEventLoop { transport.close() } else { eventLoop.execute { self.transport.close() } }
        }
        path.remove(self)
        onEnd(self, reason)
    }
}
