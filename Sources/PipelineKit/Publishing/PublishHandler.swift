import NIOCore

/// Hands what happens on one connection to its connector, which lives on the same event loop.
final class PublishHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let connector: PublishConnector
    private let attempt: Int

    init(connector: PublishConnector, attempt: Int) {
        self.connector = connector
        self.attempt = attempt
    }

    func channelActive(context: ChannelHandlerContext) {
        let channel = context.channel
        connector.assumeIsolated { [attempt] in $0.opened(channel, attempt: attempt) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        connector.assumeIsolated { [attempt] in $0.read(bytes, attempt: attempt) }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        guard context.channel.isWritable else { return }
        connector.assumeIsolated { [attempt] in $0.becameWritable(attempt: attempt) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        connector.assumeIsolated { [attempt] in $0.closed(attempt: attempt) }
    }

    /// `channelInactive` follows and says it all.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
