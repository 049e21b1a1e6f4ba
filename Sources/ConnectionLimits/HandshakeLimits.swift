import NIOCore
import NIOTLS

/// Bounds TLS connections in number, and their handshake in time. It stands behind the TLS handler.
public final class HandshakeLimits: ChannelInboundHandler {
    public typealias InboundIn = NIOAny

    private let timeout: TimeAmount

    private var place: CountedConnection
    private var timer: Scheduled<Void>?

    /// - Parameters:
    ///   - counter: that of the listener, shared by its connections.
    ///   - proxies: addresses that many clients share; only the total number of connections limits them.
    ///   - timeout: from the beginning of a connection to the end of its handshake.
    public init(counter: ConnectionCounter, proxies: [IPNetwork] = [], timeout: TimeAmount = .seconds(10)) {
        place = CountedConnection(counter: counter, proxies: proxies)
        self.timeout = timeout
    }

    public func channelActive(context: ChannelHandlerContext) {
        guard place.begin(context.channel) else {
            context.close(promise: nil)
            return
        }
        let channel = context.channel
        timer = context.eventLoop.scheduleTask(in: timeout) { channel.close(promise: nil) }
        context.fireChannelActive()
    }

    public func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted = event as? TLSUserEvent { timer?.cancel() }
        context.fireUserInboundEventTriggered(event)
    }

    public func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    public func handlerRemoved(context: ChannelHandlerContext) { end() }

    private func end() {
        timer?.cancel()
        place.end()
    }
}
