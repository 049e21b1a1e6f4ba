import Testing

@testable import ControlPlane

/// The figures of contract B.5 and of quality bar R3.
@Suite struct EngineBackoffTests {
    private let start = ContinuousClock.now

    @Test func aCrashOfAnEngineThatRanIsMendedAtOnce() {
        var backoff = EngineBackoff()
        #expect(backoff.recordFailure(at: start, readyFor: .seconds(1)) == .zero)
    }

    @Test func failuresWaitLongerAndLonger() {
        var backoff = EngineBackoff()
        let pauses = (0..<10).map { backoff.recordFailure(at: start + .seconds($0), readyFor: nil) / .seconds(1) }
        // 1.0 × 1.8^n up to 20 for the first eight in 60 s, then 5 × 1.7^n up to 30.
        let expected = [1, 1.8, 3.24, 5.832, 10.4976, 18.89568, 20, 20, 5, 8.5]
        for (pause, figure) in zip(pauses, expected) { #expect(abs(pause - figure) < 0.0001) }
    }

    @Test func onlyTheLastMinuteCounts() {
        var backoff = EngineBackoff()
        _ = backoff.recordFailure(at: start, readyFor: nil)
        #expect(backoff.recordFailure(at: start + .seconds(59), readyFor: nil) == .seconds(1.8))
        #expect(backoff.recordFailure(at: start + .seconds(120), readyFor: nil) == .seconds(1))
    }

    @Test func healthClearsTheCount() {
        var backoff = EngineBackoff()
        for second in 0..<5 { _ = backoff.recordFailure(at: start + .seconds(second), readyFor: nil) }
        #expect(backoff.recordFailure(at: start + .seconds(20), readyFor: .seconds(5)) == .zero)
    }

    @Test func anEngineThatIsReadyAndFallsOverAgainIsNotRestartedWithoutEnd() {
        var backoff = EngineBackoff()
        _ = backoff.recordFailure(at: start, readyFor: .milliseconds(100))
        #expect(backoff.recordFailure(at: start + .seconds(1), readyFor: .milliseconds(100)) == .seconds(1.8))
    }
}
