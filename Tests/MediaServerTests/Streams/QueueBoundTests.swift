import Testing

@testable import MediaServer

struct QueueBoundTests {
    @Test func theGroupAtTheBeginningHasRoomUntilItIsSent() {
        var bound = QueueBound(limit: 100)
        bound.begin(groupByteCount: 500)
        // Nothing waits yet when its first picture comes; and as much again may come meanwhile.
        let answers = [0, 400, 500, 1100, 1101].map { bound.isExceeded(queued: $0, isIdle: $0 == 0) }
        #expect(answers == [false, false, false, false, true])
    }

    @Test func theLimitHoldsOnceTheGroupIsSent() {
        var bound = QueueBound(limit: 100)
        let before = [100, 101].map { bound.isExceeded(queued: $0, isIdle: false) }
        #expect(before == [false, true])
        bound.begin(groupByteCount: 500)
        let after = [0, 500, 0, 101].map { bound.isExceeded(queued: $0, isIdle: $0 == 0) }
        #expect(after == [false, false, false, true])
    }
}
