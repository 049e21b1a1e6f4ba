import ConnectionLimits
import EngineContract
import Logging
import NIOCore
import StreamModel
import StreamProtocols

/// One connection of RTMP, by which a program publishes a path. It lives on the engine's event loop, to which it is confined.
final class RTMPConnection: ChannelInboundHandler, PathPublisher {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    let id: String
    let client: ClientNetwork?
    private let created: String
    private let core: EngineCore
    private let remoteAddress: IPAddress?
    /// With its port.
    private let remoteText: String
    private var inboundByteCount = 0
    private var outboundByteCount = 0
    private var state = RTMPServerState()
    private var media = FLVStream()
    private var context: ChannelHandlerContext?
    private var publication: SamplePublication?
    /// What was allowed, and the path that it is for.
    private var granted: AccessRequest?
    private var silence: SilenceWatch?
    private var refusalTimer: LoopTimer?
    private var isClosing = false

    init(id: String, address: SocketAddress?, core: EngineCore) {
        self.id = id
        client = ClientNetwork(address)
        remoteAddress = IPAddress(address)
        remoteText = address?.listed ?? "?"
        self.core = core
        created = core.clock.wallTime.description
    }

    var endpoint: ControlAPI.Endpoint { ControlAPI.Endpoint(type: "rtmpConn", id: id) }

    var snapshot: ControlAPI.RTMPConnection {
        ControlAPI.RTMPConnection(
            id: id, created: created, remoteAddr: remoteText, state: publication == nil ? "idle" : "publish",
            path: publication == nil ? "" : granted?.path ?? "", query: "", bytesReceived: inboundByteCount,
            bytesSent: outboundByteCount)
    }

    // MARK: Channel

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        silence = SilenceWatch(core) { [weak self] timeout in
            guard let self else { return }
            close(because: publication == nil ? "it has published nothing" : "nothing was heard for \(timeout)")
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        end()
    }

    func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    /// Nothing more is read of one that waits for its answer, or does not take what it is sent.
    func channelReadComplete(context: ChannelHandlerContext) {
        guard !context.channel.isWritable, !isClosing else { return }
        close(because: "it does not read what it is sent")
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isClosing, refusalTimer == nil else { return }
        // One that has not begun to publish has as long as one that has fallen silent.
        if publication != nil { silence?.heard() }
        let buffer = unwrapInboundIn(data)
        inboundByteCount += buffer.readableBytes
        do {
            try handle(state.receive(buffer.readableBytesView))
        } catch {
            close(because: "\(error)")
        }
        flush()
    }

    private func flush() {
        let output = state.takeOutput()
        guard !output.isEmpty, let context else { return }
        outboundByteCount += output.count
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: output)), promise: nil)
    }

    private func handle(_ events: [RTMPServerState.Event]) throws {
        for event in events where !isClosing {
            switch event {
            case .publish(let target): try decide(target)
            case .media(let message): try receive(message)
            case .ended: close(because: "")
            }
        }
    }

    // MARK: Permission

    private func decide(_ target: RTMPTarget) throws {
        if let problem = PathName.problem(with: target.path) {
            refuse("\(PathError.invalidName(target.path, problem: problem.text))")
            return
        }
        let access = AccessRequest(
            action: .publish, path: target.path, address: remoteAddress,
            credentials: target.credentials.map { .password(user: $0.user, password: $0.password) } ?? .none)
        guard target.credentials.map({ $0.user.isStreamSafe && $0.password.isStreamSafe }) ?? true,
            case .allowed = core.access.decide(access)
        else {
            let delay = core.noteFailedLogin(access, protocolName: "RTMP")
            refusalTimer = core.clock.schedule(after: delay) { [weak self] in
                self?.refuse("The name or the key is wrong: copy both anew.")
            }
            return
        }
        do throws(PathError) {
            try core.withPath(named: target.path) { path throws(PathError) in try path.checkPublishing() }
        } catch {
            refuse("\(error)")
            return
        }
        granted = access
        try handle(try state.accept())
    }

    private func refuse(_ sentence: String) {
        guard !isClosing else { return }
        state.refuse(sentence)
        flush()
        isClosing = true
        context?.close(promise: nil)
    }

    /// Whether what was allowed still is.
    var isStillAllowed: Bool {
        guard let granted else { return true }
        if case .allowed = core.access.decide(granted) { return true }
        return false
    }

    // MARK: Media

    private func receive(_ message: RTMPMessage) throws {
        for output in try media.receive(message) {
            switch output {
            case .tracks(let tracks): try publish(tracks)
            case .sample(let sample, let track): publication?.receive(sample, track: track)
            }
        }
    }

    private func publish(_ tracks: [MediaFormat]) throws {
        guard let granted else { return }
        publication = try core.withPath(named: granted.path) { path throws(PathError) in
            try SamplePublication(of: tracks, at: path, by: self)
        }
        silence?.heard()
        let lacks = media.unsupported
        let without = lacks.isEmpty ? "" : ", without \(lacks.joined(separator: ", "))"
        core.logger.info("RTMP \(remoteAddress?.description ?? "?") publishes path '\(granted.path)'\(without)")
    }

    func requestKeyframe(ofTrack track: Int, ssrc: UInt32) {}

    // MARK: End

    func close(because reason: String) {
        guard !isClosing else { return }
        isClosing = true
        if !reason.isEmpty {
            core.logRepeatable(.info, "RTMP \(remoteAddress?.description ?? "?") closed: \(reason)")
        }
        leave()
        context?.close(promise: nil)
    }

    private func leave() {
        let former = publication
        publication = nil
        former?.end(self)
    }

    private func end() {
        isClosing = true
        silence?.cancel()
        refusalTimer?.cancel()
        leave()
        core.remove(self)
    }
}
