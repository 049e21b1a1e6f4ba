import Testing

@testable import MediaKit

@Suite struct MediaTimeTests {
    /// Expected values: libav's `av_rescale_q` (AV_ROUND_NEAR_INF), run by hand.
    @Test(arguments: [
        (Int64(1), MediaTimeBase(denominator: 25), MediaTimeBase.mpeg, Int64(3600)),
        (1, MediaTimeBase(denominator: 90_000), MediaTimeBase(denominator: 1000), 0),
        (45, MediaTimeBase(denominator: 90_000), MediaTimeBase(denominator: 1000), 1),
        (-45, MediaTimeBase(denominator: 90_000), MediaTimeBase(denominator: 1000), -1),
        (44, MediaTimeBase(denominator: 90_000), MediaTimeBase(denominator: 1000), 0),
        (1001, MediaTimeBase(numerator: 1001, denominator: 30_000), MediaTimeBase.mpeg, 3_006_003),
    ])
    func rescalesToTheNearestTick(ticks: Int64, from: MediaTimeBase, to: MediaTimeBase, expected: Int64) {
        #expect(MediaTime(ticks: ticks, timeBase: from).rescaled(to: to).ticks == expected)
    }

    @Test func saturatesInsteadOfTrapping() {
        let far = MediaTime(ticks: .max, timeBase: MediaTimeBase(denominator: 1))
        #expect(far.rescaled(to: .mpeg).ticks == .max)
        #expect(MediaTime(ticks: .min, timeBase: MediaTimeBase(denominator: 1)).rescaled(to: .mpeg).ticks == .min)
        _ = far.duration
        _ = MediaTime(Duration.seconds(Int64.max))
    }

    @Test func convertsToAndFromDurations() {
        #expect(MediaTime(.milliseconds(40)).ticks == 3600)
        #expect(MediaTime(ticks: 3600, timeBase: .mpeg).duration == .milliseconds(40))
        #expect(MediaTime(ticks: 45_000, timeBase: .mpeg).seconds == 0.5)
    }
}
