import NIOCore

/// The clock and timers of the engine's event loop. Everything that the engine holds is confined to that loop, and so is
/// this.
struct LoopClock {
    let eventLoop: any EventLoop

    /// Time on a clock that only goes forward, since some moment before the engine started.
    var now: Duration { .nanoseconds(Int64(clamping: NIODeadline.now().uptimeNanoseconds)) }

    /// Runs `body` later, on the loop.
    ///
    /// Must be called on the loop.
    func schedule(after delay: Duration, _ body: @escaping () -> Void) -> LoopTimer {
        LoopTimer(eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(delay), body))
    }
}

/// Something that will be done later, unless it is cancelled or forgotten.
final class LoopTimer {
    private let scheduled: Scheduled<Void>

    fileprivate init(_ scheduled: Scheduled<Void>) { self.scheduled = scheduled }

    func cancel() { scheduled.cancel() }
}
