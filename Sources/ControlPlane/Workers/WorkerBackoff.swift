/// How long to wait before a worker that crashed is started again (contract B.4): not at all the first time, then 0.6 s
/// doubling to 12 s. After 30 s of health it counts from the beginning.
struct WorkerBackoff: Sendable {
    private var failures = 0

    static let healthyAfter: Duration = .seconds(30)

    /// - Parameter ranFor: how long it had run.
    mutating func recordFailure(ranFor: Duration) -> Duration {
        if ranFor >= Self.healthyAfter { failures = 0 }
        failures += 1
        guard failures > 1 else { return .zero }
        let doublings = min(failures - 2, 5)
        return min(.milliseconds(600 * (1 << doublings)), .seconds(12))
    }

    mutating func reset() { failures = 0 }
}
