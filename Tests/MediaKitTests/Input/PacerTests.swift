import Testing

@testable import MediaKit

@Suite struct PacerTests {
    private let start = MonotonicInstant.now

    @Test func keepsTheDistancesOfTheTimestamps() {
        var pacer = Pacer()
        #expect(pacer.due(.seconds(100), now: start) == start)
        #expect(pacer.due(.seconds(100) + .milliseconds(40), now: start) == start + .milliseconds(40))
        // Read late, but the schedule stays: no drift.
        #expect(
            pacer.due(.seconds(100) + .milliseconds(80), now: start + .milliseconds(500)) == start + .milliseconds(80))
        #expect(
            pacer.due(.seconds(100) + .milliseconds(120), now: start + .milliseconds(90)) == start + .milliseconds(120))
    }

    @Test func startsAnewAfterAStall() {
        var pacer = Pacer()
        _ = pacer.due(.zero, now: start)
        let late = start + .seconds(5)
        #expect(pacer.due(.milliseconds(40), now: late) == late)
        #expect(pacer.due(.milliseconds(80), now: late) == late + .milliseconds(40))
    }

    @Test(arguments: [Duration.seconds(-3600), .seconds(3600)])
    func startsAnewWhereTimestampsBreak(jump: Duration) {
        var pacer = Pacer()
        _ = pacer.due(.seconds(10), now: start)
        let now = start + .milliseconds(40)
        #expect(pacer.due(.seconds(10) + jump, now: now) == now)
    }
}
