import NIOCore
import NIOPosix
import StreamProtocols
import Synchronization

/// A server that says to each request what a test tells it to.
final class FakeCamera: Sendable {
    typealias Answer = @Sendable (RTSPRequest) -> Reply

    enum Reply: Sendable {
        /// These bytes, in one piece each.
        case bytes([[UInt8]])
        /// The same, and then the end.
        case last([[UInt8]])
        case silence
        case close
    }

    let port: Int
    /// Its own: one that sends thousands of pieces in a go would hold up those of other tests.
    private let eventLoops: MultiThreadedEventLoopGroup
    private let channel: any Channel
    private let record: Record

    private final class Record: Sendable { let methods = Mutex<[RTSPMethod]>([]) }

    /// What it was asked so far.
    var asked: [RTSPMethod] { record.methods.withLock { $0 } }

    static func start(_ answer: @escaping Answer) async throws -> FakeCamera {
        let record = Record()
        let eventLoops = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let channel = try await ServerBootstrap(group: eventLoops)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        Handler { request in
                            record.methods.withLock { $0.append(request.method) }
                            return answer(request)
                        })
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return FakeCamera(eventLoops: eventLoops, channel: channel, record: record)
    }

    private init(eventLoops: MultiThreadedEventLoopGroup, channel: any Channel, record: Record) {
        self.eventLoops = eventLoops
        self.channel = channel
        self.record = record
        port = channel.localAddress?.port ?? 0
    }

    deinit { eventLoops.shutdownGracefully { _ in } }

    /// Nobody listens any more.
    func stop() async throws { try await channel.close() }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private let answer: Answer
        private var decoder = RTSPDecoder()

        init(_ answer: @escaping Answer) { self.answer = answer }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            decoder.append(unwrapInboundIn(data).readableBytesView)
            while case .request(let request)? = try? decoder.next() {
                switch answer(request) {
                case .bytes(let pieces):
                    for piece in pieces { context.writeAndFlush(NIOAny(ByteBuffer(bytes: piece)), promise: nil) }
                case .last(let pieces):
                    for piece in pieces { context.writeAndFlush(NIOAny(ByteBuffer(bytes: piece)), promise: nil) }
                    context.close(promise: nil)
                case .silence: break
                case .close: context.close(promise: nil)
                }
            }
        }
    }
}
