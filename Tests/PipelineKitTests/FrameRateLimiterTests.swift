import TestSupport
import Testing

@testable import PipelineKit

@Suite struct FrameRateLimiterTests {
    /// How many of the frames of a source pass in `seconds`.
    private func passed(
        source: Double, target: Double, seconds: Double, jitter: (Int) -> Double = { _ in 0 }
    ) -> Int {
        var limiter = FrameRateLimiter(framesPerSecond: target)
        let start = ContinuousClock.now
        return (0..<Int(source * seconds)).count { index in
            limiter.admit(start + .seconds(Double(index) / source + jitter(index)))
        }
    }

    @Test(arguments: [
        (30.0, 25.0), (60, 25), (25, 12), (30, 15), (60, 30), (50, 12), (25, 5), (30, 1), (60, 59), (29.97, 12.5),
        (25, 0.5),
    ])
    func aFasterSourceGivesExactlyTheTarget(_ source: Double, _ target: Double) {
        #expect(abs(Double(passed(source: source, target: target, seconds: 200)) - target * 200) <= 1)
    }

    @Test(arguments: [(10.0, 25.0), (24, 25), (12, 30), (1, 60)])
    func aSlowerSourceLosesNothing(_ source: Double, _ target: Double) {
        #expect(passed(source: source, target: target, seconds: 100) == Int(source * 100))
    }

    @Test(arguments: [12.0, 15, 25, 30, 60])
    func jitterOfAThirdOfAnIntervalLosesNothing(_ rate: Double) {
        var generator = SeededGenerator(seed: 7)
        let jitters = (0..<Int(rate * 100)).map { _ in Double.random(in: -1...1, using: &generator) / rate / 3 }
        #expect(passed(source: rate, target: rate, seconds: 100) { jitters[$0] } == Int(rate * 100))
    }

    @Test(arguments: [25.01, 25.1, 25.2])
    func aSourceThatRunsALittleFastLosesNothing(_ source: Double) {
        #expect(passed(source: source, target: 25, seconds: 1000) == Int(source * 1000))
    }

    @Test func aBurstAfterAPauseDoesNotPass() {
        var limiter = FrameRateLimiter(framesPerSecond: 10)
        let start = ContinuousClock.now
        let passed = [0, 5000, 5010, 5020, 5100].filter { limiter.admit(start + .milliseconds($0)) }
        #expect(passed == [0, 5000, 5100])
    }
}
