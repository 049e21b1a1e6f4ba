import Testing

@testable import MediaServer

@Suite struct RateMeterTests {
    @Test func tellsTheLastSecond() {
        var meter = RateMeter()
        #expect(meter.bitsPerSecond(at: .seconds(5)) == 0)
        for tenth in 0..<30 { meter.add(1000, at: .milliseconds(100 * tenth)) }
        #expect(meter.bitsPerSecond(at: .seconds(2.9)) == 80_000)
        #expect(meter.bitsPerSecond(at: .seconds(3.4)) == 40_000)
        #expect(meter.bitsPerSecond(at: .seconds(4)) == 0)
        // What lies longer ago is not there again.
        meter.add(500, at: .seconds(60))
        #expect(meter.bitsPerSecond(at: .seconds(60)) == 4000)
    }

    @Test func theLeastIsForgottenAfterAWhile() {
        var minimum = RecentMinimum(window: .seconds(10))
        #expect(minimum.value == nil)
        minimum.add(.milliseconds(5), at: .zero)
        for second in 1..<10 { minimum.add(.milliseconds(50), at: .seconds(second)) }
        #expect(minimum.value == .milliseconds(5))
        for second in 10..<16 { minimum.add(.milliseconds(50), at: .seconds(second)) }
        #expect(minimum.value == .milliseconds(50))
        minimum.add(.milliseconds(70), at: .seconds(60))
        #expect(minimum.value == .milliseconds(70))
    }
}
