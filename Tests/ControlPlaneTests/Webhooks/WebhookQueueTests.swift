import StreamModel
import Testing

@testable import ControlPlane

@Suite("What waits for a webhook") struct WebhookQueueTests {
    private let began = ContinuousClock.now
    private let away = WebhookQueue.Outcome.failed(CodedMessage("x", "Away."))

    private func message(_ id: String, after seconds: Double = 0) -> WebhookMessage {
        WebhookMessage(.open, .null, id: id, nowUnix: 0, now: began + .seconds(seconds))
    }

    @Test func theyGoOneAfterTheOther() {
        var queue = WebhookQueue()
        #expect(queue.step(at: began) == .rest && queue.state == .unused)
        let messages = ["a", "b"].map { message($0) }
        for message in messages { queue.add(message) }
        for message in messages {
            #expect(queue.step(at: began) == .send(message))
            queue.finish(message, .accepted(status: 204), at: began, nowUnix: 7)
        }
        #expect(queue.step(at: began) == .rest && queue.delivered == 2 && queue.lastDeliveredAtUnix == 7)
        #expect(queue.state == .working)
    }

    @Test func oneThatIsAwayIsTriedLessAndLessOften() {
        var queue = WebhookQueue()
        let first = message("a")
        queue.add(first)
        var now = began
        var pauses: [Duration] = []
        while case .send(let message) = queue.step(at: now) {
            queue.finish(message, away, at: now, nowUnix: 0)
            guard case .wait(let until) = queue.step(at: now) else { break }
            pauses.append(now.duration(to: until))
            now = until
            #expect(queue.state == .retrying)
        }
        #expect(Array(pauses.prefix(7)) == [1, 2, 4, 8, 16, 32, 60].map { Duration.seconds($0) })
        #expect(began.duration(to: now) >= WebhookQueue.patience, "some minutes")
        #expect(began.duration(to: now) < WebhookQueue.patience + .seconds(60))
        #expect(queue.waiting.isEmpty && queue.lost == 1 && queue.state == .failed)
        queue.add(message("b", after: 400))
        #expect(queue.step(at: began + .seconds(500)) == .send(message("b", after: 400)))
    }

    @Test func whatIsRefusedIsNotSentAgain() {
        var queue = WebhookQueue()
        queue.add(message("a"))
        queue.finish(message("a"), WebhookQueue.Outcome(status: 404), at: began, nowUnix: 0)
        #expect(queue.waiting.isEmpty && queue.lost == 1 && queue.lastProblem == .webhookAnswered(404))
        for status in [301, 302, 307, 400, 401, 410] {
            #expect(WebhookQueue.Outcome(status: status) == .refused(status: status))
        }
        for status in [408, 429, 500, 503] {
            #expect(WebhookQueue.Outcome(status: status) == .failed(.webhookAnswered(status)))
        }
        #expect(WebhookQueue.Outcome(status: 299).problem == nil)
    }

    @Test func itHoldsAFew() {
        var queue = WebhookQueue()
        for number in 0..<1000 { queue.add(message("\(number)")) }
        #expect(queue.waiting.count == WebhookQueue.capacity && queue.lost == 900)
        #expect(queue.waiting.first?.id == "900")
        // One that was on its way has made room.
        queue.finish(message("0"), .accepted(status: 200), at: began, nowUnix: 0)
        #expect(queue.waiting.count == WebhookQueue.capacity)
    }
}
