import Testing

@testable import MediaKit

@Suite struct QueueTests {
    @Test func aSlotKeepsTheLatest() {
        let slot = LatestSlot<Int>()
        slot.put(1)
        slot.put(2)
        #expect(slot.droppedCount == 1)
        #expect(slot.take() == 2)
        #expect(slot.take() == nil)
    }

    @Test func aSlotTimesOutByTheMonotonicClock() async throws {
        try await onThread {
            let start = ContinuousClock.now
            guard case .timedOut = LatestSlot<Int>().wait(until: start + .milliseconds(50)) else {
                Issue.record("did not time out")
                return
            }
            #expect(ContinuousClock.now - start >= .milliseconds(50))
        }
    }

    @Test func closingWakesAWaiterAndKeepsTheLastValue() async throws {
        try await onThread {
            let slot = LatestSlot<Int>()
            let closer = DedicatedThread(name: "closer") { slot.close() }
            guard case .closed = slot.wait(until: .now + .seconds(60)) else {
                Issue.record("not closed")
                return
            }
            closer.join()
            slot.put(1)
            #expect(slot.take() == nil)

            let other = LatestSlot<Int>()
            other.put(5)
            other.close()
            guard case .value(5) = other.wait(until: .now) else {
                Issue.record("value lost")
                return
            }
            guard case .closed = other.wait(until: .now) else {
                Issue.record("not closed")
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
