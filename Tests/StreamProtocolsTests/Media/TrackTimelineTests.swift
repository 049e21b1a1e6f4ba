import Testing

@testable import StreamProtocols

@Suite struct TrackTimelineTests {
    private static func picture(_ clockRate: UInt32 = 90_000) -> TrackTimeline {
        TrackTimeline(clockRate: clockRate, isSound: false)
    }

    @Test func beginsWhenItArrivesAndFollowsThePublisher() {
        var timeline = Self.picture()
        #expect(timeline.place(1_000_000, arrival: .zero, target: nil) == 0)
        #expect(timeline.place(1_003_600, arrival: .milliseconds(40), target: nil) == 3600)
        // A reordered picture.
        #expect(timeline.place(1_001_800, arrival: .milliseconds(80), target: nil) == 1800)
        #expect(timeline.last == 3600)
        #expect(timeline.time(at: .milliseconds(90)) == 4500)
        var sound = TrackTimeline(clockRate: 48_000, isSound: true)
        #expect(sound.place(5, arrival: .milliseconds(20), target: nil) == 960)
    }

    @Test func goesOnWithTheNextPublisherAsMuchLaterAsItCame() {
        var timeline = Self.picture()
        _ = timeline.place(7, arrival: .zero, target: nil)
        timeline.beginAnew()
        #expect(timeline.place(4_000_000_000, arrival: .seconds(2), target: nil) == 180_000)
        #expect(timeline.place(4_000_003_600, arrival: .milliseconds(2040), target: nil) == 183_600)
    }

    @Test func aJumpOfTheClockIsNoJumpForViewers() {
        var timeline = Self.picture()
        _ = timeline.place(0, arrival: .zero, target: nil)
        #expect(timeline.place(24 * 3600 * 90_000, arrival: .milliseconds(40), target: nil) == 3600)
        #expect(timeline.place(-5, arrival: .milliseconds(80), target: nil) == 7200)
        #expect(timeline.place(Int64.max, arrival: .milliseconds(80), target: nil) == 7201)
        #expect(timeline.place(Int64.min, arrival: .milliseconds(80), target: nil) == 7202)
        // A step of -2⁶³, which has no opposite.
        #expect(timeline.place(0, arrival: .milliseconds(80), target: nil) == 7203)
        #expect(timeline.place(Int64.min, arrival: .milliseconds(80), target: nil) == 7204)
    }

    @Test func noClockAndNoSilenceIsTooMuch() {
        var timeline = Self.picture(.max)
        _ = timeline.place(0, arrival: .zero, target: nil)
        for hours in [1, 1_000_000, Int64.max / 3600] {
            timeline.beginAnew()
            _ = timeline.place(.max, arrival: .seconds(hours * 3600), target: nil)
            #expect(timeline.time(at: .seconds(Int64.max)) != nil)
        }
    }

    /// 100 ms at a tenth of the pace take a second; what is within 10 ms is left alone.
    @Test func aPictureIsMovedToItsTargetByATenthOfItsPace() {
        var timeline = Self.picture()
        var placed: [Int64] = []
        for index in 0..<40 {
            let time = Int64(index) * 3600
            placed.append(
                timeline.place(time, arrival: .milliseconds(40 * index), target: index == 0 ? nil : time + 9000))
        }
        #expect(zip(placed, placed.dropFirst()).allSatisfy { (3600...3960).contains($1 - $0) })
        #expect(placed[10] == 36_000 + 3600)
        #expect(placed.last == Int64(149_400))
        for index in 40..<50 {
            let time = Int64(index) * 3600
            #expect(timeline.place(time, arrival: .milliseconds(40 * index), target: time + 9800) == time + 9000)
        }
    }

    /// Of sound a five-hundredth: 2 ms a second.
    @Test func soundIsMovedSoSlowlyThatNobodyHearsIt() {
        var timeline = TrackTimeline(clockRate: 48_000, isSound: true)
        var last: Int64 = 0
        for index in 0..<94 {
            let time = Int64(index) * 1024
            let placed = timeline.place(time, arrival: .zero, target: index == 0 ? nil : time - 4800)
            #expect(index == 0 || (1021...1024).contains(placed - last))
            last = placed
        }
        // Two seconds.
        #expect((180...192).contains(93 * 1024 - last))
    }

    /// G.711 of 20 ms: its five-hundredth is a third of a tick.
    @Test func soundInShortFramesIsMovedAsFast() {
        var timeline = TrackTimeline(clockRate: 8000, isSound: true)
        var last: Int64 = 0
        for index in 0..<101 {
            let time = Int64(index) * 160
            let placed = timeline.place(time, arrival: .zero, target: index == 0 ? nil : time + 800)
            #expect(index == 0 || (160...161).contains(placed - last))
            last = placed
        }
        // Two seconds: 4 ms.
        #expect((30...32).contains(last - 16_000))
    }

    @Test func tellsHowFarAwayATimestampIsFromItsTarget() {
        var timeline = TrackTimeline(clockRate: 48_000, isSound: true)
        #expect(timeline.error(of: 7, target: 4800) == .zero, "it begins where it should")
        _ = timeline.place(7, arrival: .zero, target: 4800)
        #expect(timeline.error(of: 1031, target: 10_624) == .milliseconds(100))
        #expect(timeline.error(of: 1031, target: 1024) == .milliseconds(-100))
        timeline.beginAnew()
        #expect(timeline.error(of: 1031, target: 1024) == .zero)
    }
}
