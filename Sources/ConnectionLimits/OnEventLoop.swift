import HummingbirdCore
import Logging
import NIOCore

/// Handles connections on their own event loops: a request is read and answered without waking another thread.
///
/// What takes longer has to leave the loop.
public struct OnEventLoop<Child: ServerChildChannel>: ServerChildChannel {
    private let child: Child

    public init(_ child: Child) { self.child = child }

    public func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Child.Value> {
        child.setup(channel: channel, logger: logger)
    }

    public func handle(value: Child.Value, logger: Logger) async {
        await withTaskExecutorPreference(EventLoopTaskExecutor(value.channel.eventLoop)) {
            await child.handle(value: value, logger: logger)
        }
    }
}
