import NIOCore
import NIOHTTPTypes

/// How long a client of an HTTP server may take for what.
public struct HTTPTimeouts: Hashable, Sendable {
    /// From the beginning of a connection to the end of the first request's header section.
    public var head: TimeAmount = .seconds(10)
    /// From the end of an answer to the end of the next request's header section.
    public var idle: TimeAmount = .seconds(60)
    /// From a header section to the end of the request's body.
    public var body: TimeAmount = .seconds(30)
    /// Until a client takes some more of an answer.
    public var write: TimeAmount = .seconds(30)
    /// How long a connection goes on after the server has begun to stop.
    public var stop: TimeAmount = .seconds(2)

    public init() {}
}

/// Bounds an HTTP/1.1 connection in number and in time. It stands behind the codec, where messages are parts, and of their
/// content looks at what would take long to read.
///
/// Answers themselves may take as long as the server needs: whoever makes them has bounds of its own.
public final class HTTPConnectionLimits: ChannelDuplexHandler, RemovableChannelHandler {
    public typealias InboundIn = HTTPRequestPart
    public typealias InboundOut = HTTPRequestPart
    public typealias OutboundIn = HTTPResponsePart
    public typealias OutboundOut = HTTPResponsePart

    private let timeouts: HTTPTimeouts

    private var place: CountedConnection
    /// A body that grew by so much gets its time anew: what is long may take long, but not stand still.
    private static let bodyPiece = 2 << 20
    /// Of the body that is being received, since it last got its time.
    private var bodyByteCount = 0
    /// A request's body is being received.
    private var isReceiving = false
    /// The connection is being closed for what it sent.
    private var isRefused = false
    /// Requests that are not answered yet.
    private var unanswered = 0
    /// Answers that were made and that their client has not taken to the end.
    private var untaken = 0
    /// Ends a connection whose client does not go on.
    private var clientTimer: Scheduled<Void>?
    /// Ends a connection whose client does not read.
    private var writeTimer: Scheduled<Void>?
    private var stopTimer: Scheduled<Void>?

    /// - Parameters:
    ///   - counter: that of the listener, shared by its connections.
    ///   - proxies: addresses that many clients share; only the total number of connections limits them.
    public init(
        counter: ConnectionCounter, proxies: [IPNetwork] = [], timeouts: HTTPTimeouts = HTTPTimeouts()
    ) {
        place = CountedConnection(counter: counter, proxies: proxies)
        self.timeouts = timeouts
    }

    // MARK: Number

    public func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { begin(context) }
    }

    public func channelActive(context: ChannelHandlerContext) {
        begin(context)
        context.fireChannelActive()
    }

    private func begin(_ context: ChannelHandlerContext) {
        guard !place.isCounted else { return }
        guard place.begin(context.channel) else {
            context.close(promise: nil)
            return
        }
        limitClient(context, to: timeouts.head)
    }

    public func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    public func handlerRemoved(context: ChannelHandlerContext) { end() }

    private func end() {
        for timer in [clientTimer, writeTimer, stopTimer] { timer?.cancel() }
        place.end()
    }

    // MARK: Time

    public func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isRefused else { return }
        switch unwrapInboundIn(data) {
        case .head(let head):
            guard head.isStreamSafe else {
                isRefused = true
                context.close(promise: nil)
                return
            }
            unanswered += 1
            isReceiving = true
            bodyByteCount = 0
            limitClient(context, to: timeouts.body)
        case .body(let piece):
            bodyByteCount += piece.readableBytes
            // One that is answered already is waited for no longer than it was.
            if bodyByteCount >= Self.bodyPiece, unanswered > 0 {
                bodyByteCount = 0
                limitClient(context, to: timeouts.body)
            }
        case .end:
            isReceiving = false
            clientTimer?.cancel()
            if unanswered == 0 { limitClient(context, to: timeouts.idle) }
        }
        context.fireChannelRead(data)
    }

    public func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .end = unwrapOutboundIn(data) {
            unanswered -= 1
            if unanswered == 0, !isReceiving { limitClient(context, to: timeouts.idle) }
            let channel = context.channel
            let taken = promise ?? context.eventLoop.makePromise()
            untaken += 1
            // Another answer is no sign that the client takes any: it has the time that it had.
            if writeTimer == nil { writeTimer = close(channel, after: timeouts.write) }
            taken.futureResult.assumeIsolated().whenComplete { _ in
                self.untaken -= 1
                self.clientTook(channel)
            }
            context.write(data, promise: taken)
        } else {
            context.write(data, promise: promise)
        }
    }

    public func channelWritabilityChanged(context: ChannelHandlerContext) {
        clientTook(context.channel)
        context.fireChannelWritabilityChanged()
    }

    /// The client has taken something, or there is more now than it takes at once. A small answer may wait for it although the
    /// connection is writable.
    private func clientTook(_ channel: any Channel) {
        writeTimer?.cancel()
        let isWaitedFor = channel.isActive && (untaken > 0 || !channel.isWritable)
        writeTimer = isWaitedFor ? close(channel, after: timeouts.write) : nil
    }

    public func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is ChannelShouldQuiesceEvent, stopTimer == nil {
            stopTimer = close(context.channel, after: timeouts.stop)
        }
        context.fireUserInboundEventTriggered(event)
    }

    private func limitClient(_ context: ChannelHandlerContext, to time: TimeAmount) {
        clientTimer?.cancel()
        clientTimer = close(context.channel, after: time)
    }

    private func close(_ channel: any Channel, after time: TimeAmount) -> Scheduled<Void> {
        channel.eventLoop.scheduleTask(in: time) { channel.close(promise: nil) }
    }
}
