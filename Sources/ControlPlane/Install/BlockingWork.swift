import NIOPosix

/// Calls that wait for a disk, on threads of their own.
enum BlockingWork {
    /// Runs it on a thread that may block. It is not interrupted once it runs.
    /// - Throws: what the work throws, or `CancellationError` when the task was cancelled before it ran.
    static func run<Result: Sendable>(_ work: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await NIOThreadPool.singleton.runIfActive(work)
    }

    /// The same for a part of an installation.
    static func installing<Result: Sendable>(
        _ work: @escaping @Sendable () throws(InstallError) -> Result
    ) async throws(InstallError) -> Result {
        do {
            return try await run(work)
        } catch {
            throw error as? InstallError ?? .cancelled
        }
    }
}
