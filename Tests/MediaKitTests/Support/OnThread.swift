import MediaKit

/// Runs blocking media code on a thread of its own, so that the test does not hold one of the cooperative pool.
func onThread<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
    try await withCheckedThrowingContinuation { continuation in
        _ = DedicatedThread(name: "test") {
            continuation.resume(with: Result { try body() })
        }
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
