import MediaKit

/// Runs blocking media code on a thread of its own, so that the test does not hold one of the cooperative pool.
///
/// It stays the same task, so that what the code records belongs to its test.
func onThread<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
    try await withTaskExecutorPreference(ThreadPerJobExecutor()) { try body() }
}

/// Gives each job a thread.
private final class ThreadPerJobExecutor: TaskExecutor {
    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        _ = DedicatedThread(name: "test") { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}

/// The kind of the ``MediaError`` that `body` throws, or nil when it throws none.
func errorKind(of body: () throws -> Void) throws -> MediaError.Kind? {
    do {
        try body()
        return nil
    } catch let error as MediaError {
        return error.kind
    }
}
