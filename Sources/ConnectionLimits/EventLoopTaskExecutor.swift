import NIOCore

/// Runs tasks on an event loop, which they must not block.
///
/// A body that is passed on comes from an event loop and leaves by one. On the concurrent pool each piece would wake two
/// threads on its way, which costs more than the piece itself (`Benchmarks/p13_relay.py`).
public final class EventLoopTaskExecutor: TaskExecutor {
    private let eventLoop: any EventLoop

    public init(_ eventLoop: any EventLoop) { self.eventLoop = eventLoop }

    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        eventLoop.execute { unsafe job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
