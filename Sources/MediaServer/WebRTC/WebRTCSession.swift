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
    let path: Path

    let isHidden = false
    var outboundByteCount: Int { sender.outboundByteCount }
    var viewerSender: WebRTCSender? { sender }

    private let stream: Stream
    private let sender: WebRTCSender
    private let onEnd: (WebRTCSession, _ reason: String) -> Void
    private var hasEnded = false

    /// - Parameters:
    ///   - localHost: the first of the addresses that the viewer was told.
    ///   - onEnd: called once, when nothing of it remains.
    init(
        _ client: WebRTCClient, path: Path, stream: Stream, transport: WebRTCTransport, sender: WebRTCSender,
        localHost: IPAddress?, clock: EngineClock, onEnd: @escaping (WebRTCSession, _ reason: String) -> Void
    ) {
        self.client = client
        self.localHost = localHost
        self.path = path
        self.stream = stream
        self.transport = transport
        self.sender = sender
        self.onEnd = onEnd
        created = clock.wallTime.description
        transport.onEvent = { [weak self] in self?.take($0) }
        let eventLoop = clock.eventLoop
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
        case .failed(let reason): end(because: reason)
        }
    }

    func pathClosed(because reason: String) { end(because: reason) }

    /// Ends the session; nothing of it remains.
    func end(because reason: String) {
        guard !hasEnded else { return }
        hasEnded = true
        stream.remove(sender)
        sender.stop()
        transport.close()
        path.remove(self)
        onEnd(self, reason)
    }
}
