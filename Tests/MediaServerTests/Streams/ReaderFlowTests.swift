import Testing

@testable import MediaServer

@Suite struct ReaderFlowTests {
    @Test func beginsAtARandomAccessPoint() {
        var flow = ReaderFlow(hasRandomAccess: true)
        #expect(flow.admit(isRandomAccess: false, isCongested: false) == false)
        #expect(flow.admit(isRandomAccess: true, isCongested: false) == true)
        #expect(flow.admit(isRandomAccess: false, isCongested: false) == true)
        #expect(flow.droppedUnitCount == 0)
    }

    @Test func whoIsTooSlowGoesOnAtTheNextRandomAccessPoint() {
        var flow = ReaderFlow(hasRandomAccess: true)
        #expect(flow.admit(isRandomAccess: true, isCongested: false) == true)
        #expect(flow.admit(isRandomAccess: false, isCongested: true) == false)
        // It has caught up, but this unit refers to one that it did not get.
        #expect(flow.admit(isRandomAccess: false, isCongested: false) == false)
        #expect(flow.admit(isRandomAccess: true, isCongested: true) == false)
        #expect(flow.admit(isRandomAccess: false, isCongested: false) == false)
        #expect(flow.admit(isRandomAccess: true, isCongested: false) == true)
        #expect(flow.droppedUnitCount == 4)
    }

    @Test func withoutRandomAccessEveryPacketIsAStart() {
        var flow = ReaderFlow(hasRandomAccess: false)
        #expect(flow.admit(isRandomAccess: false, isCongested: false) == true)
        #expect(flow.admit(isRandomAccess: false, isCongested: true) == false)
        #expect(flow.admit(isRandomAccess: false, isCongested: false) == true)
        #expect(flow.droppedUnitCount == 1)
    }
}

@Suite struct TrackTimelineTests {
    @Test func beginsAtZeroAndFollowsThePublisher() {
        var timeline = TrackTimeline(clockRate: 90_000)
        #expect(timeline.place(1_000_000, arrival: .seconds(1)) == 0)
        #expect(timeline.place(1_003_600, arrival: .milliseconds(1040)) == 3600)
        // A reordered picture.
        #expect(timeline.place(1_001_800, arrival: .milliseconds(1080)) == 1800)
        #expect(timeline.last == 3600)
        #expect(timeline.time(at: .milliseconds(1090)) == 4500)
    }

    @Test func goesOnWithTheNextPublisherAsMuchLaterAsItCame() {
        var timeline = TrackTimeline(clockRate: 90_000)
        _ = timeline.place(7, arrival: .seconds(1))
        timeline.publisherChanged()
        #expect(timeline.place(4_000_000_000, arrival: .seconds(3)) == 180_000)
        #expect(timeline.place(4_000_003_600, arrival: .milliseconds(3040)) == 183_600)
    }

    @Test func aJumpOfTheClockIsNoJumpForViewers() {
        var timeline = TrackTimeline(clockRate: 90_000)
        _ = timeline.place(0, arrival: .zero)
        #expect(timeline.place(24 * 3600 * 90_000, arrival: .milliseconds(40)) == 3600)
        #expect(timeline.place(-5, arrival: .milliseconds(80)) == 7200)
        #expect(timeline.place(Int64.max, arrival: .milliseconds(80)) == 7201)
        #expect(timeline.place(Int64.min, arrival: .milliseconds(80)) == 7202)
        // A step of -2⁶³, which has no opposite.
        #expect(timeline.place(0, arrival: .milliseconds(80)) == 7203)
        #expect(timeline.place(Int64.min, arrival: .milliseconds(80)) == 7204)
    }

    @Test func noClockAndNoSilenceIsTooMuch() {
        var timeline = TrackTimeline(clockRate: .max)
        _ = timeline.place(0, arrival: .zero)
        for hours in [1, 1_000_000, Int64.max / 3600] {
            timeline.publisherChanged()
            _ = timeline.place(.max, arrival: .seconds(hours * 3600))
            #expect(timeline.time(at: .seconds(Int64.max)) != nil)
        }
    }
}
