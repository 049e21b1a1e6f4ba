import Foundation

/// The time that an installation goes by.
struct InstallClock: Sendable {
    /// Time since any moment, on a clock that only goes forward.
    var now: @Sendable () -> Duration
    /// Throws `CancellationError` when the task is cancelled.
    var sleep: @Sendable (Duration) async throws -> Void
    /// Seconds since 1970, for people.
    var unixTime: @Sendable () -> Double

    static let system: InstallClock = {
        let start = ContinuousClock.now
        return InstallClock(
            now: { start.duration(to: .now) }, sleep: { try await Task.sleep(for: $0) },
            unixTime: { Date().timeIntervalSince1970 })
    }()
}
