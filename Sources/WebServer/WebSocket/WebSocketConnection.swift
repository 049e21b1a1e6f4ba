import NIOCore
import NIOWebSocket

/// A WebSocket that is open: takes what the client sends, answers pings, passes frames on to it, and ends when the client is silent.
final class WebSocketConnection: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// So often the client is asked for a sign of life. Proxies give up silent connections after 30 to 60 s.
    static let pingInterval: TimeAmount = .seconds(20)
    /// How long the client has to answer a goodbye.
    static let goodbyeTime: TimeAmount = .seconds(2)
    /// Messages that nobody has taken yet.
    private static let backlog = 32

    let messages: AsyncStream<WebSocketMessage>
    private let sink: AsyncStream<WebSocketMessage>.Continuation
    private let pingInterval: TimeAmount
    private var context: ChannelHandlerContext?
    private var input = WebSocketInput()
    /// Whether the client has given a sign of life since it was asked for one.
    private var isHeard = true
    private var isPongUnderWay = false
    /// Everything was said.
    private var isLeaving = false
    private var timer: Scheduled<Void>?

    init(pingInterval: TimeAmount = WebSocketConnection.pingInterval) {
        self.pingInterval = pingInterval
        (messages, sink) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(Self.backlog))
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        schedulePing()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        end()
        self.context = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    private func end() {
        sink.finish()
        timer?.cancel()
    }

    // MARK: Signs of life

    private func schedulePing() {
        timer = context?.eventLoop.assumeIsolated().scheduleTask(in: pingInterval) { self.ping() }
    }

    private func ping() {
        guard isHeard else {
            context?.close(promise: nil)
            return
        }
        isHeard = false
        say(WebSocketFraming.frame(.ping, around: ByteBuffer()))
        schedulePing()
    }

    // MARK: In

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        isHeard = true
        let now = Duration.nanoseconds(Int64(clamping: NIODeadline.now().uptimeNanoseconds))
        switch input.take(unwrapInboundIn(data), at: now) {
        case .message(let message):
            guard !isLeaving else { return }
            if case .dropped = sink.yield(message) { refuse(.policyViolation, "Too many messages.") }
        case .pong(let content):
            // One who does not read gets no second one (RFC 6455 §5.5.3).
            guard !isLeaving, !isPongUnderWay else { return }
            isPongUnderWay = true
            let promise = context.eventLoop.makePromise(of: Void.self)
            promise.futureResult.assumeIsolated().whenComplete { _ in self.isPongUnderWay = false }
            say(WebSocketFraming.frame(.pong, around: content), promise)
        case .goodbye(let code):
            if !isLeaving { say(WebSocketFraming.close(code)) }
            context.close(promise: nil)
        case .refuse(let code, let reason): refuse(code, reason)
        case .none: break
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error as? NIOWebSocketError {
        case .invalidFrameLength: refuse(.messageTooLarge, "The message is too long.")
        case .fragmentedControlFrame, .multiByteControlFrameLength:
            refuse(.protocolError, "A frame that is no message is in fragments, or too long.")
        case nil: context.fireErrorCaught(error)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        // Who has closed one side reads on no more.
        if case .inputClosed = event as? ChannelEvent { context.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }

    private func refuse(_ code: WebSocketErrorCode, _ reason: String) {
        guard !isLeaving else { return }
        say(WebSocketFraming.close(code, reason))
        leave()
    }

    // MARK: Out

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        // After the goodbye nothing may follow (RFC 6455 §5.5.1).
        guard !isLeaving else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        context.write(data, promise: promise)
    }

    private func say(_ frame: ByteBuffer, _ promise: EventLoopPromise<Void>? = nil) {
        guard let context else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        context.writeAndFlush(wrapOutboundOut(frame), promise: promise)
    }

    /// A goodbye was sent. Waits for the client's: a connection that is closed while something comes loses what was sent last.
    func leave() {
        guard !isLeaving else { return }
        isLeaving = true
        sink.finish()
        timer?.cancel()
        guard let context else { return }
        timer = context.eventLoop.assumeIsolated().scheduleTask(in: Self.goodbyeTime) { context.close(promise: nil) }
    }
}
