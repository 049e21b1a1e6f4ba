import ConnectionLimits
import EngineContract
import Logging
import NIOCore
import StreamModel
import StreamProtocols

/// One RTSP connection: reads requests, performs what its state machine asks for, and writes answers and media.
///
/// Confined to the engine's event loop.
final class RTSPConnection: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Bytes that may lie unread while a request is on hold.
    static let bufferedInputLimit = 128 << 10
    /// Requests of a client that are handled before others have their turn.
    static let requestsPerTurn = 32
    /// How long a client may take to read what is sent before the connection is closed.
    static let closingPatience: Duration = .milliseconds(500)
    /// How long a connection is kept that does not show what it may do, whatever it sends.
    static let sessionlessPatience: Duration = .seconds(60)
    /// Bytes that a client has to take within the write timeout: less than any stream has.
    static let leastProgress = 16 << 10

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

    private(set) var context: ChannelHandlerContext?
    private(set) var inboundByteCount = 0
    private(set) var outboundByteCount = 0
    private(set) var remoteAddress: IPAddress?
    private(set) var remoteText = ""
    private var decoder = RTSPDecoder()
    private var undecodedByteCount = 0
    private var wantsRead = false
    private var isClosing = false
    /// The rest of what has come is handled in another turn of the loop.
    private var isTakingTurns = false
    private var lastActivity: Duration = .zero
    /// Since when it has no session.
    private var sessionlessSince: Duration = .zero
    private var idleTimer: LoopTimer?
    private var idleDeadline: Duration?
    private var stallTimer: LoopTimer?

    init(id: String, client: ClientNetwork?, isSecure: Bool, core: EngineCore) {
        self.id = id
        self.client = client
        self.core = core
        created = core.clock.wallTime.description
        var settings = core.rtspSettings
        if isSecure { settings.datagramPorts = nil }
        state = RTSPServerState(settings: settings)
    }

    var logger: Logger { core.logger }

    /// Whether it has a session, which needed permission.
    var hasSession: Bool { readSession != nil || publishSession != nil }

    // MARK: Channel

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        remoteAddress = IPAddress(context.remoteAddress)
        remoteText = context.remoteAddress.map { "\(IPAddress($0)?.description ?? "?"):\($0.port ?? 0)" } ?? "?"
        lastActivity = core.clock.now
        sessionlessSince = lastActivity
        updateIdleTimer()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        idleTimer?.cancel()
        stallTimer?.cancel()
        endSession()
        core.remove(self)
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        inboundByteCount += buffer.readableBytes
        guard !isClosing else { return }
        undecodedByteCount += buffer.readableBytes
        decoder.append(buffer.readableBytesView)
        process()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // The peer is gone or unreachable; there is no one to tell.
        context.close(promise: nil)
    }

    /// Nothing more is read while a request is on hold and enough lies there, or while the client does not take what it
    /// is sent: a publisher too, which is sent nothing but answers.
    func read(context: ChannelHandlerContext) {
        if mayRead(context) {
            context.read()
        } else {
            wantsRead = true
        }
    }

    private func mayRead(_ context: ChannelHandlerContext) -> Bool {
        if state.isBusy || isTakingTurns { return undecodedByteCount < Self.bufferedInputLimit }
        return context.channel.isWritable
    }

    private func resumeReading() {
        guard wantsRead, let context, mayRead(context) else { return }
        wantsRead = false
        context.read()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable {
            stallTimer?.cancel()
            stallTimer = nil
            resumeReading()
        } else if stallTimer == nil {
            watchStall(context)
        }
        context.fireChannelWritabilityChanged()
    }

    /// Closes the connection when hardly anything of what waits is taken within the write timeout.
    private func watchStall(_ context: ChannelHandlerContext) {
        let drained = outboundByteCount - pendingByteCount
        stallTimer = core.clock.schedule(after: core.configuration.writeTimeout) { [weak self] in
            guard let self, let context = self.context else { return }
            stallTimer = nil
            guard outboundByteCount - pendingByteCount < drained + Self.leastProgress else {
                if !context.channel.isWritable { watchStall(context) }
                return
            }
            logRepeatable("closed: it has read next to nothing for \(core.configuration.writeTimeout)")
            context.close(promise: nil)
        }
    }

    // MARK: Input

    /// Handles what has come, one request after the other.
    func process() {
        var requestCount = 0
        while !isClosing, !state.isBusy, !isTakingTurns, context != nil {
            let message: RTSPMessage?
            do {
                message = try decoder.next()
            } catch {
                logRepeatable("closed: \(error)")
                refuse(error)
                return
            }
            guard let message else {
                undecodedByteCount = 0
                break
            }
            handle(message)
            guard case .request = message else { continue }
            requestCount += 1
            if requestCount == Self.requestsPerTurn { processLater() }
        }
        resumeReading()
    }

    /// Lets others have their turn: a client with many requests must not keep the loop to itself.
    private func processLater() {
        guard !isTakingTurns, let context else { return }
        isTakingTurns = true
        let connection = NIOLoopBound(self, eventLoop: context.eventLoop)
        context.eventLoop.execute {
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

    /// Bytes that wait until the client takes them; 0 while they are few.
    var queuedByteCount: Int {
        // The exact number costs more than the flag, and matters to slow readers only.
        guard let channel = context?.channel, !channel.isWritable else { return 0 }
        return pendingByteCount
    }

    private var pendingByteCount: Int {
        (try? context?.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
    }

    func send(_ buffer: ByteBuffer) {
        guard let context, !isClosing else { return }
        outboundByteCount += buffer.readableBytes
        context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
    }

    /// RFC 2326 §10.12
    func send(interleaved packet: [UInt8], channel: UInt8) {
        guard let length = UInt16(exactly: packet.count) else { return }
        var buffer = ByteBuffer()
        buffer.reserveCapacity(packet.count + 4)
        buffer.writeInteger(UInt8(0x24))
        buffer.writeInteger(channel)
        buffer.writeInteger(length)
        buffer.writeBytes(packet)
        send(buffer)
    }

    func respond(_ response: RTSPResponse) {
        send(ByteBuffer(bytes: response.serialized()))
        updateIdleTimer()
    }

    /// Ends the operation that is being performed, and goes on with the next request.
    func finish(_ outcome: RTSPOutcome) {
        hold = nil
        if let response = state.complete(outcome) { respond(response) }
        if undecodedByteCount > 0 {
            processLater()
        } else {
            resumeReading()
        }
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
        guard let context, !isClosing else { return }
        isClosing = true
        let connection = NIOLoopBound(self, eventLoop: context.eventLoop)
        context.writeAndFlush(wrapOutboundOut(ByteBuffer())).whenComplete { _ in
            // The peer reads the end, closes too, and nothing that was sent is lost to a reset.
            connection.value.context?.close(mode: .output, promise: nil)
        }
        idleTimer?.cancel()
        idleTimer = core.clock.schedule(after: Self.closingPatience) { [weak self] in
            self?.context?.close(promise: nil)
        }
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
            return readSession?.transportName == "UDP" ? lastActivity + sessionTimeout : nil
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
        context?.close(promise: nil)
    }
}

extension RTSPRequest {
    /// Whether its texts may be compared without looking at their length first: see ``Swift/StringProtocol/isStreamSafe``.
    fileprivate var isStreamSafe: Bool { uri.isStreamSafe && headers.fields.allSatisfy { $0.value.isStreamSafe } }
}
