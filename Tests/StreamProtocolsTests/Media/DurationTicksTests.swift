import StreamProtocols
import Testing

@Suite struct DurationTicksTests {
    /// Sound of 44.1 kHz would leave the picture by two milliseconds a second if the rate were taken for whole kilohertz.
    @Test(arguments: [8000, 22_050, 44_100, 48_000, 90_000] as [Int64])
    func areExactAfterHours(rate: Int64) {
        #expect(Duration(ticks: 36_000 * rate, ofRate: rate) == .seconds(36_000))
        let half = Duration(ticks: 36_000 * rate + rate / 2, ofRate: rate)
        #expect(half >= .milliseconds(36_000_499) && half <= .milliseconds(36_000_500))
    }

    @Test func thoseBeforeTheBeginningAreNegative() {
        #expect(Duration(ticks: -44_100, ofRate: 44_100) == .seconds(-1))
    }
}
