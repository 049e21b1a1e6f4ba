/// How long to wait before an engine that failed is started again (contract B.5).
///
/// An engine that had run well is started again at once, so that a single crash costs viewers under a second.
struct EngineBackoff: Sendable {
    private var failures: [ContinuousClock.Instant] = []

    static let window: Duration = .seconds(60)
    /// An engine that was ready for so long counts as a success, which clears what was before.
    static let healthyAfter: Duration = .seconds(5)

    /// - Parameter readyFor: how long it had been ready; nil when it never was.
    /// - Returns: the pause before the next start.
    mutating func recordFailure(at now: ContinuousClock.Instant, readyFor: Duration?) -> Duration {
        if let readyFor, readyFor >= Self.healthyAfter { failures = [] }
        failures.removeAll { $0.duration(to: now) >= Self.window }
        failures.append(now)
        let count = failures.count
        if count == 1, readyFor != nil { return .zero }
        return count <= 8 ? Self.pause(1.0, 1.8, count - 1, limit: 20) : Self.pause(5.0, 1.7, count - 9, limit: 30)
    }

    mutating func reset() { failures = [] }

    private static func pause(_ first: Double, _ factor: Double, _ steps: Int, limit: Double) -> Duration {
        var seconds = first
        for _ in 0..<steps where seconds < limit { seconds *= factor }
        return .seconds(min(seconds, limit))
    }
}
