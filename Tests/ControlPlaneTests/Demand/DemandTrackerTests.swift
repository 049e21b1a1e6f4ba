import EngineContract
import StreamModel
import Testing

@testable import ControlPlane

@Suite struct DemandTrackerTests {
    private let start = ContinuousClock.now

    @Test func aHookHoldsItsPath() {
        var tracker = DemandTracker()
        tracker.hookOpened(1, path: "a")
        tracker.advance(to: start + .seconds(3600))
        #expect(tracker.wanted == ["a"])
        #expect(tracker.nextDeadline == nil)
        // The engine waited 1 s before it ended the hook; 2 s of the 3 s are left.
        tracker.hookClosed(1, at: start)
        #expect(tracker.nextDeadline == start + .seconds(2))
        tracker.advance(to: start + .milliseconds(1999))
        #expect(tracker.wanted == ["a"])
        #expect(!tracker.endsSomething(at: start + .milliseconds(1999)))
        #expect(tracker.endsSomething(at: start + .seconds(2)))
        tracker.advance(to: start + .seconds(2))
        #expect(tracker.wanted == [])
    }

    @Test func readersHoldThePathAfterTheHook() {
        var tracker = DemandTracker()
        tracker.hookOpened(1, path: "a")
        tracker.readersListed(["a": 2], at: start)
        tracker.hookClosed(1, at: start)
        tracker.advance(to: start + .seconds(60))
        #expect(tracker.wanted == ["a"])
        tracker.readersListed(["a": 0, "b": 0], at: start + .seconds(60))
        #expect(tracker.nextDeadline == start + .seconds(63))
        tracker.advance(to: start + .seconds(63))
        #expect(tracker.wanted == [])
    }

    @Test func aReaderThatIsNotListedAnyMoreIsGone() {
        var tracker = DemandTracker()
        tracker.readersListed(["a": 1], at: start)
        tracker.readersListed([:], at: start)
        #expect(tracker.nextDeadline == start + .seconds(3))
    }

    @Test func aViewerWhoComesBackStopsTheDrain() {
        var tracker = DemandTracker()
        tracker.readersListed(["a": 1], at: start)
        tracker.readersListed([:], at: start)
        tracker.readersListed(["a": 1], at: start + .seconds(2))
        tracker.advance(to: start + .seconds(10))
        #expect(tracker.wanted == ["a"])
    }

    @Test func aPrimeLastsItsTimeAndTheDrain() {
        var tracker = DemandTracker()
        tracker.prime(["a"], at: start)
        #expect(tracker.nextDeadline == start + .seconds(60))
        tracker.advance(to: start + .seconds(60))
        #expect(tracker.wanted == ["a"])
        tracker.advance(to: start + .seconds(63))
        #expect(tracker.wanted == [])
    }

    @Test(arguments: [(Duration.zero, 1), (.seconds(30), 30), (.seconds(500), 120)])
    func aPrimeIsBetween1And120Seconds(asked: Duration, seconds: Int) {
        var tracker = DemandTracker()
        tracker.prime(["a"], for: asked, at: start)
        #expect(tracker.primedUntil("a") == start + .seconds(seconds))
    }

    @Test func aPrimeExtendsAndNeverShortens() {
        var tracker = DemandTracker()
        tracker.prime(["a"], for: .seconds(100), at: start)
        tracker.prime(["a"], for: .seconds(10), at: start + .seconds(5))
        #expect(tracker.primedUntil("a") == start + .seconds(100))
        tracker.prime(["a"], for: .seconds(100), at: start + .seconds(5))
        #expect(tracker.primedUntil("a") == start + .seconds(105))
    }

    @Test func viewersOfALostEngineHaveTimeToComeBack() {
        var tracker = DemandTracker()
        tracker.hookOpened(1, path: "a")
        tracker.readersListed(["b": 1], at: start)
        tracker.prime(["c"], at: start)
        tracker.engineLost(at: start)
        #expect(tracker.primedUntil("a") == start + .seconds(10))
        #expect(tracker.primedUntil("b") == start + .seconds(10))
        #expect(tracker.primedUntil("c") == start + .seconds(60))
        // The connection of the hook ends later, which says nothing new.
        tracker.hookClosed(1, at: start + .seconds(1))
        tracker.advance(to: start + .seconds(9))
        #expect(tracker.wanted == ["a", "b", "c"])
    }

    @Test func nothingIsScheduledWhenNothingIsWanted() {
        var tracker = DemandTracker()
        #expect(tracker.nextDeadline == nil)
        tracker.hookOpened(1, path: "a")
        tracker.hookClosed(1, at: start)
        tracker.advance(to: start + .seconds(5))
        #expect(tracker.nextDeadline == nil)
    }
}

/// Reader types of mediamtx-facts E.4.
@Suite struct ViewerCountsTests {
    private func counts(_ types: String...) -> ViewerCounts {
        ViewerCounts(readers: types.enumerated().map { ControlAPI.Endpoint(type: $1, id: "\($0)") })
    }

    @Test func eachProtocolIsCounted() {
        let counts = counts("rtspSession", "rtspsSession", "webRTCSession", "hlsSession", "hlsSession", "srtConn")
        #expect(counts[.rtsp] == 2 && counts[.webrtc] == 1 && counts[.hls] == 2 && counts.others == 1)
        #expect(counts.total == 6)
    }

    @Test func aMuxerIsNoViewerWhereSessionsAreKnown() {
        #expect(counts("hlsMuxer", "hlsSession", "hlsSession")[.hls] == 2)
        #expect(counts("hlsMuxer")[.hls] == 1)
    }
}
