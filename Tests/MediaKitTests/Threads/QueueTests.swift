import Testing

@testable import MediaKit

@Suite struct QueueTests {
    @Test func aWaitTimesOutByTheMonotonicClock() async throws {
        try await onThread {
            let start = ContinuousClock.now
            guard case .timedOut = BoundedQueue<Int>(capacity: 1).wait(until: start + .milliseconds(50)) else {
                Issue.record("did not time out")
                return
            }
            #expect(ContinuousClock.now - start >= .milliseconds(50))
        }
    }

    @Test func closingWakesAWaiterAndKeepsWhatWasPushedBefore() async throws {
        try await onThread {
            let queue = BoundedQueue<Int>(capacity: 1)
            let closer = DedicatedThread(name: "closer") { queue.close() }
            guard case .closed = queue.wait(until: .now + .seconds(60)) else {
                Issue.record("not closed")
                return
            }
            closer.join()

            let other = BoundedQueue<Int>(capacity: 1)
            other.push(5)
            other.close()
            guard case .element(5) = other.wait(until: .now), case .closed = other.wait(until: .now) else {
                Issue.record("what was pushed is lost")
                return
            }
        }
    }

    @Test func aQueueDropsTheOldest() {
        let queue = BoundedQueue<Int>(capacity: 3)
        #expect((1...3).allSatisfy { queue.push($0) == nil })
        #expect(queue.push(4) == 1)
        #expect(queue.push(5) == 2)
        #expect(queue.droppedCount == 2)
        #expect(queue.count == 3)
        #expect([queue.pop(), queue.pop(), queue.pop(), queue.pop()] == [3, 4, 5, nil])
        queue.push(6)
        #expect(queue.removeAll() == 1)
        #expect(queue.droppedCount == 3)
        queue.close()
        #expect(queue.push(7) == 7)
    }

    @Test func theNewestCanBeTakenInPlaceOfAll() {
        let queue = BoundedQueue<Int>(capacity: 3)
        #expect(queue.popNewest() == nil)
        (1...3).forEach { queue.push($0) }
        #expect(queue.popNewest() == 3)
        #expect(queue.droppedCount == 2)
        queue.push(4)
        #expect(queue.popNewest() == 4)
        #expect(queue.droppedCount == 2)
        #expect(queue.count == 0)
    }

    @Test func everyElementArrivesOnceAndInOrder() async throws {
        let queue = BoundedQueue<Int>(capacity: 1000)
        let producer = DedicatedThread(name: "producer") {
            for number in 0..<1000 { queue.push(number) }
            queue.close()
        }
        let received = try await onThread {
            var received: [Int] = []
            while case .element(let number) = queue.wait(until: .now + .seconds(30)) { received.append(number) }
            return received
        }
        #expect(received == Array(0..<1000))
        await producer.completion()
    }

    @Test func elementsAreReleased() {
        final class Token: Sendable {}
        let queue = BoundedQueue<Token>(capacity: 2)
        weak var token: Token?
        do {
            let made = Token()
            token = made
            queue.push(made)
        }
        #expect(token != nil)
        _ = queue.pop()
        #expect(token == nil)
    }
}
