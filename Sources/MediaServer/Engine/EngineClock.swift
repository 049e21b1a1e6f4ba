import Foundation
import NIOCore
import StreamProtocols

/// The engine's clock: a time for every interval that only goes forward, timers by it, and the wall clock for what people
/// and players read. The timers belong to one event loop.
struct EngineClock: Sendable {
    let eventLoop: any EventLoop
    private let monotonic: @Sendable () -> Duration
    private let wall: @Sendable () -> ProgramDateTime
    private let sleep: @Sendable (Duration) async throws -> Void

    /// The machine's clocks.
    init(eventLoop: any EventLoop) {
        self.init(
            eventLoop: eventLoop, now: { Self.systemNow },
            wallTime: { ProgramDateTime(millisecondsSinceEpoch: Int64(Date().timeIntervalSince1970 * 1000)) },
            sleepUntil: { try await Task.sleep(for: $0 - Self.systemNow) })
    }

    /// - Parameters: what ``now``, ``wallTime`` and ``sleep(until:)`` do.
    init(
        eventLoop: any EventLoop, now: @escaping @Sendable () -> Duration,
        wallTime: @escaping @Sendable () -> ProgramDateTime,
        sleepUntil: @escaping @Sendable (Duration) async throws -> Void
    ) {
        self.eventLoop = eventLoop
        monotonic = now
        wall = wallTime
        sleep = sleepUntil
    }

    /// The same clock with timers of another loop.
    func moved(to eventLoop: any EventLoop) -> EngineClock {
        EngineClock(eventLoop: eventLoop, now: monotonic, wallTime: wall, sleepUntil: sleep)
    }

    private static var systemNow: Duration { .nanoseconds(Int64(clamping: NIODeadline.now().uptimeNanoseconds)) }

    /// The time since some moment before the engine started.
    var now: Duration { monotonic() }

    var wallTime: ProgramDateTime { wall() }

    /// Returns at a time of ``now``, or throws `CancellationError` at once when the task is cancelled.
    func sleep(until deadline: Duration) async throws { try await sleep(deadline) }

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
