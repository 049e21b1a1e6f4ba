import NIOCore
import StreamModel

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
    /// While another path is waited for.
    private var hold: PathHold?
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
        case .renditionWished(.lower):
            if let lower = core.lowerPath(ofPath: path.name) { move(to: lower, isUp: false) }
        case .renditionWished(.higher):
            if let upper = upperPaths.last { move(to: upper, isUp: true) }
        case .failed(let reason): end(because: reason)
        }
    }

    // MARK: Another path

    /// Sends the viewer the same of another path once that is published. Until then, and where that can't be, it gets what it has got.
    private func move(to name: String, isUp: Bool) {
        var access = client.access
        access.path = name
        guard hold == nil, !unfitPaths.contains(name), case .allowed = core.access.decide(access) else { return }
        do throws(PathError) {
            try core.withPath(named: name) { next in
                hold = next.whenReady(query: client.query) { [weak self] result in
                    self?.hold = nil
                    if case .success(let stream) = result { self?.follow(next, stream, isUp: isUp) }
                }
            }
        } catch {
            // It is gone: what is sent goes on.
        }
    }

    private func follow(_ next: Path, _ nextStream: Stream, isUp: Bool) {
        guard !hasEnded, next !== path else { return }
        // A codec that was not agreed on can't be sent, nor pictures in an order that browsers don't show.
        guard stream.accepts(nextStream.formats),
            !nextStream.pictureTracks.contains(where: { nextStream.isReordered(track: $0) })
        else {
            unfitPaths.insert(next.name)
            return
        }
        do throws(PathError) { try next.add(self) } catch { return }
        if isUp { _ = upperPaths.popLast() } else { upperPaths.append(path.name) }
        stream.remove(sender)
        path.remove(self)
        formerByteCount = sender.outboundByteCount
        (path, stream) = (next, nextStream)
        sender.move(isLowered: !upperPaths.isEmpty)
        stream.add(sender)
        for track in stream.pictureTracks { stream.keyframeWanted(ofTrack: track) }
    }

    // MARK: End

    func pathClosed(because reason: String) { end(because: reason) }

    /// Ends the session; nothing of it remains.
    func end(because reason: String) {
        guard !hasEnded else { return }
        hasEnded = true
        hold?.cancel()
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
