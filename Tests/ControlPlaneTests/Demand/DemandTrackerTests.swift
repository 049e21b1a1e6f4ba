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

    private func lease(_ session: String, transmission: String = "t") -> DemandLease {
        DemandLease(transmissionID: transmission, playbackSessionID: session)
    }

    @Test func aLeaseLastsItsTimeAndTheDrain() {
        var tracker = DemandTracker()
        let granted = tracker.lease(lease("p"), of: ["a", "b"], for: .seconds(45), at: start)
        #expect(granted)
        #expect(tracker.wanted == ["a", "b"])
        #expect(tracker.nextDeadline == start + .seconds(45))
        tracker.advance(to: start + .seconds(45))
        #expect(tracker.leaseCount("a") == 0)
        #expect(tracker.wanted == ["a", "b"])
        tracker.advance(to: start + .seconds(48))
        #expect(tracker.wanted == [])
    }

    @Test func aHeartbeatSetsTheTimeAnewAndMovesWithThePaths() {
        var tracker = DemandTracker()
        let granted = tracker.lease(lease("p"), of: ["a"], for: .seconds(45), at: start)
        #expect(granted)
        let renewed = tracker.lease(lease("p"), of: ["a"], for: .seconds(45), at: start + .seconds(40))
        #expect(renewed)
        tracker.advance(to: start + .seconds(84))
        #expect(tracker.leaseCount("a") == 1)
        // The output has another path now: the old one drains.
        let moved = tracker.lease(lease("p"), of: ["b"], for: .seconds(5), at: start + .seconds(84))
        #expect(moved)
        #expect(tracker.nextDeadline == start + .seconds(87))
        tracker.advance(to: start + .seconds(87))
        #expect(tracker.wanted == ["b"])
    }

    @Test func aPlayerThatEndsLetsGoOfItsOwnLeaseOnly() {
        var tracker = DemandTracker()
        let first = tracker.lease(lease("p"), of: ["a"], for: .seconds(1800), at: start)
        #expect(first)
        let second = tracker.lease(lease("q"), of: ["a"], for: .seconds(1800), at: start)
        #expect(second)
        let ended = tracker.endLease(lease("p"), at: start + .seconds(1))
        #expect(ended)
        let endedTwice = tracker.endLease(lease("p"), at: start + .seconds(1))
        #expect(!endedTwice)
        #expect(tracker.nextDeadline == start + .seconds(1800))
        let lastEnded = tracker.endLease(lease("q"), at: start + .seconds(2))
        #expect(lastEnded)
        #expect(tracker.nextDeadline == start + .seconds(5))
        tracker.advance(to: start + .seconds(5))
        #expect(tracker.wanted == [])
    }

    @Test func leasesAreBoundedPerTransmission() {
        var tracker = DemandTracker()
        for number in 0..<DemandTracker.leaseLimit {
            let granted = tracker.lease(lease("\(number)"), of: ["a", "b"], for: .seconds(60), at: start)
            #expect(granted)
        }
        let oneMore = tracker.lease(lease("one more"), of: ["a", "b"], for: .seconds(60), at: start)
        #expect(!oneMore)
        // Those that are there go on, and other transmissions are not concerned.
        let renewed = tracker.lease(lease("7"), of: ["a", "b"], for: .seconds(90), at: start)
        #expect(renewed)
        let elsewhere = tracker.lease(lease("one more", transmission: "u"), of: ["c"], for: .seconds(60), at: start)
        #expect(elsewhere)
        tracker.advance(to: start + .seconds(61))
        #expect(tracker.leaseCount("a") == 1)
        let later = tracker.lease(lease("one more"), of: ["a", "b"], for: .seconds(60), at: start + .seconds(61))
        #expect(later)
    }

    @Test func aLeaseOutlivesAnEngineThatWasLostButNotOneThatWasStopped() {
        var tracker = DemandTracker()
        let granted = tracker.lease(lease("p"), of: ["a"], for: .seconds(60), at: start)
        #expect(granted)
        tracker.engineLost(at: start)
        tracker.advance(to: start + .seconds(59))
        #expect(tracker.wanted == ["a"])
        tracker.clear()
        #expect(tracker.wanted == [])
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

    @Test func whoGetsTheSameInH264WatchesTheSame() {
        let viewers = [
            "door": counts("rtspSession", "webRTCSession"), "door.h264": counts("webRTCSession", "srtConn"),
            "yard.h264": counts("webRTCSession"),
        ]
        #expect(viewers.watching("door")[.webrtc] == 2 && viewers.watching("door").total == 4)
        #expect(viewers.watching("yard")[.webrtc] == 1 && viewers.watching("gate").total == 0)
    }

    @Test func aMuxerIsNoViewerWhereSessionsAreKnown() {
        #expect(counts("hlsMuxer", "hlsSession", "hlsSession")[.hls] == 2)
        #expect(counts("hlsMuxer")[.hls] == 1)
        // The built-in engine knows sessions: there is a muxer for a moment after the last of them.
        #expect(ViewerCounts(readers: [ControlAPI.Endpoint(type: "hlsMuxer", id: "")], of: .builtin).total == 0)
    }
}
