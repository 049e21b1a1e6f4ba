import ConnectionLimits
import EngineContract
import Logging
import NIOCore
import StreamModel
import StreamProtocols

/// One RTSP connection: reads requests, performs what its state machine asks for, and answers. Its channel may live on another
/// event loop.
///
/// Confined to the engine's event loop.
final class RTSPConnection {
    /// Requests of a client that are handled before others have their turn.
    static let requestsPerTurn = 32
    /// How long a connection is kept that does not show what it may do, whatever it sends.
    static let sessionlessPatience: Duration = .seconds(60)

    let id: String
    let client: ClientNetwork?
    /// Whether it counts as one that was let in; kept by the core.
    var isAdmittedAsSession = false
    let created: String
    let core: EngineCore
    var state: RTSPServerState
    var readSession: RTSPReadSession?
    var publishSession: RTSPPublishSession?
    /// The wait of the request that is being performed.
    var hold: PathHold?
    /// The delay of a refused login.
    var refusalTimer: LoopTimer?
    /// What was allowed last, so that a SETUP after an authorized DESCRIBE needs no credentials.
    var granted: AccessRequest?
    /// What was allowed when the session began.
    var sessionAccess: AccessRequest?
    var challenge: DigestChallenge?

    /// nil before it is opened and when it is closed.
    private(set) var channel: RTSPChannel?
    private(set) var inboundByteCount = 0
    let remoteAddress: IPAddress?
    let remoteText: String
    private var decoder = RTSPDecoder()
    /// Of what the channel gave, bytes that it is not told yet to have been read.
    private var unreadByteCount = 0
    private var isClosing = false
    /// The rest of what has come is handled in another turn of the loop.
    private var isTakingTurns = false
    private var lastActivity: Duration
    /// Since when it has no session.
    private var sessionlessSince: Duration
    private var idleTimer: LoopTimer?
    private var idleDeadline: Duration?

    init(id: String, address: SocketAddress?, client: ClientNetwork?, isSecure: Bool, core: EngineCore) {
        self.id = id
        self.client = client
        self.core = core
        remoteAddress = IPAddress(address)
        remoteText = address?.listed ?? "?"
        lastActivity = core.clock.now
        sessionlessSince = lastActivity
        created = core.clock.wallTime.description
        var settings = core.rtspSettings
        if isSecure {
            settings.datagramPorts = nil
            settings.multicastRefusal = .secure
        }
        state = RTSPServerState(settings: settings)
    }

    var logger: Logger { core.logger }

    /// Whether it has a session, which needed permission.
    var hasSession: Bool { readSession != nil || publishSession != nil }

    // MARK: Channel

    func opened(_ channel: RTSPChannel) {
        self.channel = channel
        if isClosing { channel.closeAfterFlushing() }
        updateIdleTimer()
    }

    func closed() {
        channel = nil
        idleTimer?.cancel()
        idleTimer = nil
        endSession()
        core.remove(self)
    }

    func received(_ buffer: ByteBuffer) {
        inboundByteCount += buffer.readableBytes
        unreadByteCount += buffer.readableBytes
        guard !isClosing else { return }
        decoder.append(buffer.readableBytesView)
        process()
    }

    /// The client has not taken what it was sent; the channel closes.
    func stalled(for timeout: Duration) { logRepeatable("closed: it has read next to nothing for \(timeout)") }

    private func haveRead() {
        channel?.haveBeenRead(unreadByteCount)
        unreadByteCount = 0
    }

    // MARK: Input

    /// Handles what has come, one request after the other.
    func process() {
        var requestCount = 0
        while !isClosing, !state.isBusy, !isTakingTurns, channel != nil {
            let message: RTSPMessage?
            do {
                message = try decoder.next()
            } catch {
                logRepeatable("closed: \(error)")
                refuse(error)
                return
            }
            guard let message else { return haveRead() }
            handle(message)
            guard case .request = message else { continue }
            requestCount += 1
            if requestCount == Self.requestsPerTurn { processLater() }
        }
    }

    /// Lets others have their turn: a client with many requests must not keep the loop to itself.
    private func processLater() {
        guard !isTakingTurns else { return }
        isTakingTurns = true
        let eventLoop = core.clock.eventLoop
        let connection = NIOLoopBound(self, eventLoop: eventLoop)
        eventLoop.execute {
            connection.value.isTakingTurns = false
            connection.value.process()
        }
    }

    private func handle(_ message: RTSPMessage) {
        switch message {
        case .interleaved(let channel, let payload):
            // From a viewer these are receiver reports. They are signs of life of a session, and nothing without one.
            let isMedia = publishSession?.receive(channel: channel, payload: payload) ?? false
            readSession?.receive(report: payload, channel: channel)
            if isMedia || readSession != nil { noteActivity() }
        case .response:
            // The server sends no requests.
            break
        case .request(let request):
            guard request.isStreamSafe else {
                logRepeatable("closed: it has sent a text that nobody writes")
                refuse(.malformedHeader("…"))
                return
            }
            noteActivity()
            switch state.receive(request) {
            case .respond(let response): respond(response)
            case .perform(let operation): perform(operation, for: request)
            }
        }
    }

    /// The client has shown that it is there.
    func noteActivity() { lastActivity = core.clock.now }

    // MARK: Output

    var outboundByteCount: Int { channel?.outboundByteCount ?? 0 }

    func send(interleaved packet: [UInt8], channel number: UInt8) {
        if let buffer = ByteBuffer(interleaved: packet, channel: number) { channel?.send(buffer) }
    }

    func respond(_ response: RTSPResponse) {
        if !isClosing { channel?.send(ByteBuffer(bytes: response.serialized())) }
        updateIdleTimer()
    }

    /// Ends the operation that is being performed, and goes on with the next request.
    func finish(_ outcome: RTSPOutcome) {
        hold = nil
        if let response = state.complete(outcome) { respond(response) }
        if unreadByteCount > 0 { processLater() }
    }

    private func refuse(_ error: RTSPError) {
        respond(RTSPResponse(status: error.status))
        closeAfterFlushing()
    }

    // MARK: End

    /// Ends the session and closes the connection, after what was sent is out.
    func close(because reason: String) {
        guard !isClosing else { return }
        if !reason.isEmpty { log("closed: \(reason)") }
        endSession()
        closeAfterFlushing()
    }

    private func closeAfterFlushing() {
        guard !isClosing else { return }
        isClosing = true
        idleTimer?.cancel()
        channel?.closeAfterFlushing()
    }

    /// Ends what the session has in the engine; the connection stays.
    func endSession() {
        refusalTimer?.cancel()
        refusalTimer = nil
        hold?.cancel()
        hold = nil
        state.sessionEnded()
        if hasSession { sessionlessSince = core.clock.now }
        if let session = readSession {
            readSession = nil
            session.end()
            core.sessionEnded(session.id)
            let dropped = session.droppedUnitCount
            log("session \(session.id) has ended" + (dropped > 0 ? ", too slow for \(dropped) pictures" : ""))
        }
        if let session = publishSession {
            publishSession = nil
            let lost = session.stream?.lostPacketCount ?? 0
            session.end()
            core.sessionEnded(session.id)
            log("session \(session.id) has ended" + (lost > 0 ? ", \(lost) packets lost" : ""))
        }
    }

    func log(_ text: String) { logger.info("RTSP \(remoteText) \(text)") }

    /// For what a client can make come as often as it likes, with a connection each time.
    private func logRepeatable(_ text: String) {
        core.logRepeatable(.info, "RTSP \(remoteAddress?.description ?? "?") \(text)")
    }

    // MARK: Idleness

    /// When the connection is closed if nothing more is heard; nil when that does not matter.
    private var deadline: Duration? {
        guard !state.isBusy else { return nil }
        let readTimeout = core.configuration.readTimeout
        let sessionTimeout = Duration.seconds(state.settings.sessionTimeoutSeconds)
        switch state.phase {
        case .idle: return min(lastActivity + readTimeout, sessionlessSince + Self.sessionlessPatience)
        case .announced: return lastActivity + readTimeout
        // Of a UDP publisher only what comes by UDP: requests alone, while a firewall keeps its media back, would keep the path.
        case .recording: return (publishSession?.lastDatagram ?? lastActivity) + readTimeout
        case .ready: return lastActivity + sessionTimeout
        case .playing:
            // A TCP viewer that is gone is noticed by what is sent to it.
            return readSession?.isByDatagrams == true ? lastActivity + sessionTimeout : nil
        }
    }

    private func updateIdleTimer() {
        guard !isClosing else { return }
        guard let deadline else {
            idleTimer?.cancel()
            idleTimer = nil
            idleDeadline = nil
            return
        }
        // A timer that fires too early is set again then, which is cheaper than to move it with every message.
        if idleTimer != nil, let idleDeadline, idleDeadline <= deadline { return }
        idleTimer?.cancel()
        idleDeadline = deadline
        idleTimer = core.clock.schedule(after: max(deadline - core.clock.now, .zero)) { [weak self] in
            self?.idleTimerFired()
        }
    }

    private func idleTimerFired() {
        idleTimer = nil
        idleDeadline = nil
        guard let deadline else { return }
        let now = core.clock.now
        guard now >= deadline else {
            updateIdleTimer()
            return
        }
        if let lastDatagram = publishSession?.lastDatagram {
            log("closed: nothing came by UDP for \(now - lastDatagram); if a firewall keeps it back, publish by TCP")
        } else if hasSession {
            log("closed: nothing was heard for \(now - lastActivity)")
        } else {
            logRepeatable("closed: it has begun no session")
        }
        endSession()
        channel?.close()
    }
}

extension RTSPRequest {
    /// Whether its texts may be compared without looking at their length first: see ``Swift/StringProtocol/isStreamSafe``.
    fileprivate var isStreamSafe: Bool { uri.isStreamSafe && headers.fields.allSatisfy { $0.value.isStreamSafe } }
}
