import ConnectionLimits
import HummingbirdCore
import Logging
import NIOCore

/// Handles connections on their own event loops: a request is read and answered without waking another thread.
///
/// What takes longer leaves the loop (`APIRouter`).
struct OnEventLoop<Child: ServerChildChannel>: ServerChildChannel {
    var child: Child

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Child.Value> {
        child.setup(channel: channel, logger: logger)
    }

    func handle(value: Child.Value, logger: Logger) async {
        await withTaskExecutorPreference(EventLoopTaskExecutor(value.channel.eventLoop)) {
            await child.handle(value: value, logger: logger)
        }
    }
}
