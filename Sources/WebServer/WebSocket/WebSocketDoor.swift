import Foundation
import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1
import NIOWebSocket

/// Makes a WebSocket of an HTTP/1.1 connection once a route has answered 101.
///
/// So a handshake is a request like all others, which passes every middleware, and what the server sends is the body of its answer,
/// in frames that the route makes (``WebSocketFraming``). It stands behind the codec, before what looks at parts of messages.
final class WebSocketDoor: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    /// What the system keeps for a client that does not take it: else it is megabytes, which are seconds of pictures.
    private static let unsentLimit = ChannelOptions.Types.SocketOption(
        level: .tcp, name: NIOBSDSocket.Option(rawValue: TCP_NOTSENT_LOWAT))
    private static let unsentByteCount = 128 << 10

    /// A request has asked for another protocol, after which the HTTP decoder reads no other request.
    private var asksForUpgrade = false
    private var connection: WebSocketConnection?

    /// What the client of a connection sends, until it has left; nil when the connection is no WebSocket.
    static func messages(of channel: any Channel) async -> AsyncStream<WebSocketMessage>? {
        try? await channel.eventLoop.submit {
            try channel.pipeline.syncOperations.handler(type: WebSocketConnection.self).messages
        }.get()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .head(let head) = unwrapInboundIn(data) { asksForUpgrade = head.headerFields[.upgrade] != nil }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let part = unwrapOutboundIn(data)
        guard let connection else {
            switch part {
            case .head(let head) where head.status == .switchingProtocols:
                context.writeAndFlush(data, promise: promise)
                open(context)
            case .end where asksForUpgrade:
                context.writeAndFlush(data, promise: promise)
                context.close(promise: nil)
            case .head, .body, .end: context.write(data, promise: promise)
            }
            return
        }
        switch part {
        case .head: promise?.fail(ChannelError.operationUnsupported)
        case .body(let frame): context.write(NIOAny(frame), promise: promise)
        case .end:
            promise?.succeed()
            connection.leave()
        }
    }

    /// Takes HTTP out of the pipeline, and puts frames in its place.
    private func open(_ context: ChannelHandlerContext) {
        let pipeline = context.pipeline.syncOperations
        do {
            let decoder = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
            let connection = WebSocketConnection()
            try pipeline.addHandlers(
                [
                    ByteToMessageHandler(WebSocketFrameDecoder(maxFrameSize: WebSocketInput.messageLimit)),
                    connection,
                ], position: .after(decoder))
            pipeline.removeHandler(try pipeline.handler(type: HTTP1ToHTTPServerCodec.self), promise: nil)
            pipeline.removeHandler(try pipeline.handler(type: HTTPResponseEncoder.self), promise: nil)
            pipeline.removeHandler(decoder, promise: nil)
            self.connection = connection
            context.channel.setOption(Self.unsentLimit, value: Self.unsentByteCount).whenFailure { _ in }
        } catch {
            // A stream of HTTP/2, whose answers have no such status.
            context.close(promise: nil)
        }
    }
}
