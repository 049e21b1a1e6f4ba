import NIOPosix

/// Calls that wait for a disk, on threads of their own.
enum BlockingWork {
    /// Runs it on a thread that may block. It is not interrupted once it runs.
    /// - Throws: what the work throws, or `CancellationError` when the task was cancelled before it ran.
    static func run<Result: Sendable>(_ work: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await NIOThreadPool.singleton.runIfActive(work)
    }
}
