/// When a download that failed is tried again.
///
/// A line that breaks off but brings something each time is not given up; one that brings nothing is, after a minute.
struct DownloadRetry: Sendable {
    private var failuresInARow = 0
    private var failures = 0

    /// Tries in a row that bring nothing.
    static let limitInARow = 6
    /// Tries in all.
    static let limit = 50
    /// So many bytes make a try one that brought something.
    static let progress = 256 << 10

    /// - Parameter received: bytes that the try that failed brought.
    /// - Returns: the pause before the next one; nil to give up.
    mutating func recordFailure(received: Int) -> Duration? {
        failures += 1
        failuresInARow = received >= Self.progress ? 1 : failuresInARow + 1
        guard failuresInARow < Self.limitInARow, failures < Self.limit else { return nil }
        // 1, 2, 4, 8, 16 s
        return .seconds(1 << (failuresInARow - 1))
    }

    /// Tries something that brings nothing to keep until it goes well.
    static func repeating<Result: Sendable>(
        _ clock: InstallClock, _ report: @Sendable (InstallStep) -> Void,
        _ body: () async throws(InstallError) -> Result
    ) async throws(InstallError) -> Result {
        var retry = DownloadRetry()
        while true {
            do throws(InstallError) {
                return try await body()
            } catch {
                try await retry.pause(after: error, received: 0, clock, report)
            }
        }
    }

    /// Waits before the next try.
    /// - Parameter received: bytes that the try that failed brought.
    /// - Throws: the error when no other try makes sense.
    mutating func pause(
        after error: InstallError, received: Int, _ clock: InstallClock, _ report: @Sendable (InstallStep) -> Void
    ) async throws(InstallError) {
        let pause = recordFailure(received: received)
        if Task.isCancelled { throw .cancelled }
        guard error.isPassing, let pause else { throw error }
        report(.waiting(error))
        do {
            try await clock.sleep(pause)
        } catch {
            throw .cancelled
        }
    }
}
