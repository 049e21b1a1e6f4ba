import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// An HTTP server of 127.0.0.1 that can be told to misbehave.
final class LocalServer: Sendable {
    struct Request: Hashable, Sendable {
        var method: String
        /// With the query.
        var path: String
        var range: String?
        var userAgent: String?
        var authorization: String?
        var contentType: String?
        var supervisorToken: String?
        var signature: String?
        var body: [UInt8] = []
    }

    struct Reply: Sendable {
        /// What happens after the body.
        enum End: Sendable {
            case complete
            /// The connection is cut.
            case cut
            /// Nothing comes any more until the client goes.
            case hold
        }

        var status: HTTPResponseStatus = .ok
        var headers: [(String, String)] = []
        var body: [UInt8] = []
        /// `Content-Length`; nil is the body's.
        var length: Int?
        var end = End.complete

        static let notFound = Reply(status: .notFound)
    }

    typealias Responder = @Sendable (Request) -> Reply

    private let channel: any Channel
    private let received: Received

    /// What came, in order.
    private final class Received: Sendable {
        let requests = Mutex<[Request]>([])
        let connections = Mutex<[any Channel]>([])
    }

    /// - Parameter place: where it listens; a port of its own when left out.
    init(at place: ReservedPort? = nil, _ respond: @escaping Responder) async throws {
        let received = Received()
        self.received = received
        let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                received.connections.withLock { $0.append(channel) }
                return channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(
                        Handler { request in
                            received.requests.withLock { $0.append(request) }
                            return respond(request)
                        })
                }
            }
        channel =
            if let place { try await bootstrap.withBoundSocket(place.socket).get() } else {
                try await bootstrap.bind(host: "127.0.0.1", port: 0).get()
            }
    }

    deinit { channel.close(promise: nil) }

    var port: Int { channel.localAddress?.port ?? 0 }
    var url: String { "http://127.0.0.1:\(port)" }
    var requests: [Request] { received.requests.withLock { $0 } }

    var openConnections: Int { received.connections.withLock { $0.filter(\.isActive).count } }

    /// Cuts every connection, as when a cable is pulled.
    func cutConnections() {
        for connection in received.connections.withLock({ $0 }) { connection.close(promise: nil) }
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let respond: Responder
        private var request: Request?

        init(_ respond: @escaping Responder) { self.respond = respond }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head):
                request = Request(
                    method: head.method.rawValue, path: head.uri, range: head.headers.first(name: "Range"),
                    userAgent: head.headers.first(name: "User-Agent"),
                    authorization: head.headers.first(name: "Authorization"),
                    contentType: head.headers.first(name: "Content-Type"),
                    supervisorToken: head.headers.first(name: "X-Supervisor-Token"),
                    signature: head.headers.first(name: "X-Toposync-Signature"))
            case .body(let body): request?.body += Array(body.readableBytesView)
            case .end:
                guard let request else { return }
                answer(respond(request), context)
            }
        }

        private func answer(_ reply: Reply, _ context: ChannelHandlerContext) {
            var headers = HTTPHeaders(reply.headers)
            headers.add(name: "Content-Length", value: String(reply.length ?? reply.body.count))
            context.write(
                wrapOutboundOut(.head(.init(version: .http1_1, status: reply.status, headers: headers))), promise: nil)
            let body = context.channel.allocator.buffer(bytes: reply.body)
            let channel = context.channel
            let sent = context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(body))))
            switch reply.end {
            case .complete: context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
            case .cut: sent.whenComplete { _ in channel.close(promise: nil) }
            case .hold: break
            }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}
