/// Waits for something to finish, but no longer than `limit`; what has not finished then is left to itself.
///
/// A task group can't do this: it waits for its tasks even when they ignore cancellation.
///
/// - Returns: whether it has finished.
func finishes(within limit: Duration, _ operation: @escaping @Sendable () async -> Void) async -> Bool {
    let (result, continuation) = AsyncStream.makeStream(of: Bool.self)
    let work = Task {
        await operation()
        continuation.yield(true)
    }
    let timer = Task {
        try? await Task.sleep(for: limit)
        continuation.yield(false)
    }
    defer {
        work.cancel()
        timer.cancel()
    }
    for await hasFinished in result { return hasFinished }
    return false
}
