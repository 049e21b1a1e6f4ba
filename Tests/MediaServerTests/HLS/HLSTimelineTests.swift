import Testing

@testable import MediaServer

@Suite struct HLSTimelineTests {
    /// What comes after a clock that jumped follows pictures and sound; sound that is far ahead of them is no measure.
    @Test(
        arguments: [
            (0, HLSTimeline.origin + 3600), (HLSTimeline.origin + 90_000, HLSTimeline.origin + 90_000),
            (.max, HLSTimeline.origin + 3600 + 900_000),
        ] as [(Int64, Int64)])
    func anotherClockGoesOnWhereTheStreamEnds(soundEnd: Int64, expected: Int64) {
        var timeline = HLSTimeline()
        timeline.restart(at: 5, reorderDepth: 0, frameDuration: 3600)
        #expect(timeline.place(5).presentation == HLSTimeline.origin)
        timeline.soundIsPlaced(until: soundEnd)
        timeline.restart(at: -7_000_000, reorderDepth: 0, frameDuration: 3600)
        #expect(timeline.place(-7_000_000).presentation == expected)
    }
}
