import NIOCore

/// Notices that the client of a connection, or of a stream of HTTP/2, has closed its side.
///
/// Hummingbird lets clients close their sending side alone, and tells nobody until something is written. HTTP clients close
/// both sides at once: whoever closes one while an answer is being made does not wait for it.
public final class ClientWatch: ChannelInboundHandler, RemovableChannelHandler {
    public typealias InboundIn = NIOAny

    private var hasLeft = false
    /// Who waits for that: one request at a time is answered.
    private var watcher: AsyncStream<Void>.Continuation?

    public init() {}

    public func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .inputClosed = event as? ChannelEvent { leave() }
        context.fireUserInboundEventTriggered(event)
    }

    public func channelInactive(context: ChannelHandlerContext) {
        leave()
        context.fireChannelInactive()
    }

    private func leave() {
        hasLeft = true
        watcher?.finish()
        watcher = nil
    }

    fileprivate func tell(_ watcher: AsyncStream<Void>.Continuation) {
        if hasLeft { watcher.finish() } else { self.watcher = watcher }
    }
}

/// Who waits for the answer to a request.
public struct RequestClient: Sendable {
    /// Of the connection, or of the stream of HTTP/2.
    public let channel: any Channel

    public init(on channel: any Channel) { self.channel = channel }

    /// Returns when the client has left, or when the task is cancelled.
    public func departure() async {
        let (departure, watcher) = AsyncStream<Void>.makeStream()
        channel.eventLoop.execute { [channel] in
            guard let watch = try? channel.pipeline.syncOperations.handler(type: ClientWatch.self) else {
                // A channel that is closed has no handlers any more.
                return channel.closeFuture.whenComplete { _ in watcher.finish() }
            }
            watch.tell(watcher)
        }
        for await _ in departure {}
    }

    /// Does what nobody needs when the client has left: it is cancelled then.
    public func whilePresent<Result: Sendable>(
        _ operation: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        try await withThrowingTaskGroup { group in
            group.addTask {
                await departure()
                return Result?.none
            }
            group.addTask { try await operation() }
            defer { group.cancelAll() }
            while let result = try await group.next() {
                if let result { return result }
                group.cancelAll()
            }
            throw CancellationError()
        }
    }
}
