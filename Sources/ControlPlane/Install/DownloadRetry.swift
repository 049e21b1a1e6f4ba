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
}
