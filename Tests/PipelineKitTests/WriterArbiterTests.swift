import StreamModel
import Testing

@testable import PipelineKit

/// The rules and constants are those of the reference text ("Multi-writer arbitration") and of contract B.2.
@Suite struct WriterArbiterTests {
    private enum Event {
        case open(String, priority: Int = 0)
        case frame(String, priority: Int = 0)
        case close(String)
        case rest(String)
        case look
    }

    /// Runs a script of (milliseconds, event, who is shown afterwards).
    private func run(
        _ mode: Arbitration, _ script: [(Int, Event, String?)], sourceLocation: SourceLocation = #_sourceLocation
    ) {
        var arbiter = WriterArbiter(mode: mode)
        let start = ContinuousClock.now
        for (time, event, expected) in script {
            let now = start + .milliseconds(time)
            switch event {
            case .open(let id, let priority): _ = arbiter.open(id, priority: priority, at: now)
            case .frame(let id, let priority): _ = arbiter.update(id, priority: priority, at: now)
            case .close(let id): arbiter.close(id, at: now)
            case .rest(let id): _ = arbiter.rest(id, because: .nothingMoves, priority: 0, at: now)
            case .look: break
            }
            #expect(arbiter.select(at: now) == expected, "at \(time) ms after \(event)", sourceLocation: sourceLocation)
        }
    }

    @Test func aWriterNeedsAFrame() {
        run(.latest, [(0, .open("a"), nil), (10, .frame("a"), "a")])
    }

    @Test func aFrameIsFreshForTwoSeconds() {
        run(.latest, [(0, .frame("a"), "a"), (1999, .look, "a"), (2000, .look, nil), (2500, .frame("a"), "a")])
    }

    @Test func theLatestFrameWins() {
        run(.latest, [(0, .frame("a", priority: 9), "a"), (600, .frame("b"), "b")])
    }

    @Test func theSelectedWriterStaysForHalfASecond() {
        run(
            .latest,
            [
                (0, .frame("a"), "a"), (100, .frame("b"), "a"), (499, .frame("b"), "a"), (500, .frame("b"), "b"),
                // The time begins again with each selection.
                (600, .frame("a"), "b"), (999, .frame("a"), "b"), (1000, .frame("a"), "a"),
            ])
    }

    @Test func theStickyTimeIsNotProlongedByFrames() {
        run(
            .latest,
            [(0, .frame("a"), "a"), (400, .frame("a"), "a"), (450, .frame("a"), "a"), (501, .frame("b"), "b")])
    }

    @Test func aClosedWriterIsReplacedAtOnce() {
        run(.latest, [(0, .frame("a"), "a"), (50, .frame("b"), "a"), (60, .close("a"), "b"), (70, .close("b"), nil)])
    }

    @Test func aStaleWriterIsReplacedAtOnce() {
        run(
            .priorityLatest,
            [(0, .frame("a", priority: 1), "a"), (1900, .frame("b"), "a"), (2000, .look, "b")])
    }

    @Test func priorityWinsOverRecency() {
        run(
            .priorityLatest,
            [
                (0, .frame("low", priority: 1), "low"), (100, .frame("high", priority: 2), "low"),
                (500, .frame("low", priority: 1), "high"), (1100, .frame("low", priority: 1), "high"),
            ])
    }

    @Test func recencyWinsAmongEqualPriorities() {
        run(.priorityLatest, [(0, .frame("a", priority: 3), "a"), (600, .frame("b", priority: 3), "b")])
    }

    @Test(arguments: [Arbitration.latest, .priorityLatest])
    func tiesAreBrokenByPriorityThenID(_ mode: Arbitration) {
        run(
            mode,
            [
                (0, .frame("x"), "x"), (10, .frame("a", priority: 1), "x"), (10, .frame("b", priority: 2), "x"),
                (10, .close("x"), "b"),
            ])
        run(mode, [(0, .frame("x"), "x"), (10, .frame("a"), "x"), (10, .frame("b"), "x"), (10, .close("x"), "b")])
    }

    @Test func aClosedWriterComesBackWithAFrame() {
        run(.latest, [(0, .frame("a"), "a"), (10, .close("a"), nil), (20, .frame("a"), "a")])
    }

    @Test func aWriterAtRestGivesWaySoon() {
        run(
            .priorityLatest,
            [
                (0, .frame("a", priority: 1), "a"), (300, .frame("b"), "a"), (400, .rest("a"), "a"), (500, .look, "b"),
                (700, .frame("a", priority: 1), "b"), (1000, .look, "a"), (1900, .look, "a"),
            ])
        // What has never had a frame is at rest all the same.
        run(.latest, [(0, .open("a"), nil), (10, .rest("a"), nil), (20, .rest("nobody"), nil)])
    }

    @Test func openingAgainDoesNotMakeAnOldFrameFresh() {
        run(.latest, [(0, .frame("a"), "a"), (2100, .open("a"), nil)])
    }

    @Test func writersBeyondTheLimitPushOutTheOldest() {
        var arbiter = WriterArbiter(mode: .latest)
        let start = ContinuousClock.now
        for index in 0..<WriterArbiter.writerLimit {
            #expect(arbiter.update("w\(index)", priority: 0, at: start + .milliseconds(index)) == nil)
        }
        // w0 was heard of again, so w1 is the oldest.
        #expect(arbiter.update("w0", priority: 0, at: start + .milliseconds(100)) == nil)
        #expect(arbiter.update("new", priority: 0, at: start + .milliseconds(101)) == "w1")
        #expect(arbiter.writerIDs.count == 32)
        #expect(!arbiter.writerIDs.contains("w1"))
    }

    @Test func ofSeveralReasonsTheOneThatAsksMostIsTold() {
        var arbiter = WriterArbiter(mode: .latest)
        let start = ContinuousClock.now
        _ = arbiter.rest("a", because: .cannotDetect, priority: 0, at: start)
        _ = arbiter.rest("b", because: .nothingMoves, priority: 0, at: start + .milliseconds(10))
        #expect(arbiter.restReason(at: start + .milliseconds(20)) == .cannotDetect)
    }

    @Test func writersAreForgottenAfterThirtySeconds() {
        var arbiter = WriterArbiter(mode: .latest)
        let start = ContinuousClock.now
        _ = arbiter.update("gone", priority: 0, at: start)
        _ = arbiter.update("here", priority: 0, at: start + .seconds(1))
        #expect(arbiter.evictStale(at: start + .milliseconds(29_999)).isEmpty)
        #expect(arbiter.evictStale(at: start + .seconds(30)) == ["gone"])
        #expect(arbiter.writerIDs == ["here"])
    }

    @Test func closingCountsAsBeingHeardOf() {
        var arbiter = WriterArbiter(mode: .latest)
        let start = ContinuousClock.now
        _ = arbiter.update("a", priority: 0, at: start)
        arbiter.close("a", at: start + .seconds(20))
        #expect(arbiter.evictStale(at: start + .seconds(49)).isEmpty)
        #expect(arbiter.evictStale(at: start + .seconds(50)) == ["a"])
    }

    @Test func aChangedModeTakesEffectAfterTheStickyTime() {
        var arbiter = WriterArbiter(mode: .priorityLatest)
        let start = ContinuousClock.now
        _ = arbiter.update("high", priority: 5, at: start)
        #expect(arbiter.select(at: start) == "high")
        arbiter.mode = .latest
        _ = arbiter.update("low", priority: 0, at: start + .milliseconds(400))
        #expect(arbiter.select(at: start + .milliseconds(400)) == "high")
        #expect(arbiter.select(at: start + .milliseconds(500)) == "low")
    }
}
