import StreamProtocols

/// The clocks that HLS goes by: a monotonic one for every interval, and the wall clock for dates in playlists.
struct HLSClock: Sendable {
    var now: @Sendable () -> ContinuousClock.Instant
    var wallTime: @Sendable () -> ProgramDateTime
    /// Returns at the instant, or throws `CancellationError` at once when the task is cancelled.
    var sleepUntil: @Sendable (ContinuousClock.Instant) async throws -> Void

    /// The machine's clocks.
    static let system = HLSClock(
        now: { ContinuousClock.now },
        wallTime: { WallTime.now },
        sleepUntil: { try await ContinuousClock().sleep(until: $0) }
    )
}
