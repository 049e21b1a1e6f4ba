import Foundation
import Testing

@testable import MQTTKit

@Suite("What waits to be published") struct MQTTOutboxTests {
    private let now = ContinuousClock.now

    private func all(_ outbox: inout MQTTOutbox, at instant: ContinuousClock.Instant) -> [String] {
        var texts: [String] = []
        while let message = outbox.take(at: instant) {
            texts.append("\(message.topic)=\(String(decoding: message.payload, as: UTF8.self))")
        }
        return texts
    }

    @Test func ofARetainedTopicTheNewestIsPublished() {
        var outbox = MQTTOutbox()
        outbox.add(MQTTMessage("a", "1", isRetained: true), at: now)
        outbox.add(MQTTMessage("b", "1", isRetained: true), at: now)
        outbox.add(MQTTMessage("news", "1", isRetained: false), at: now)
        outbox.add(MQTTMessage("news", "2", isRetained: false), at: now)
        outbox.add(MQTTMessage("a", "2", isRetained: true), at: now)
        #expect(outbox.count == 4)
        #expect(all(&outbox, at: now) == ["b=1", "news=1", "news=2", "a=2"])
        #expect(outbox.lost == 0)
    }

    @Test func newsGetsOldAndStatesDont() {
        var outbox = MQTTOutbox()
        outbox.add(MQTTMessage("news", "1", isRetained: false), at: now)
        outbox.add(MQTTMessage("state", "1", isRetained: true), at: now)
        #expect(all(&outbox, at: now + MQTTOutbox.patience) == ["state=1"])
        #expect(outbox.lost == 1)
    }

    @Test func theOldestMakeRoom() {
        var outbox = MQTTOutbox()
        for number in 0...MQTTOutbox.countLimit {
            outbox.add(MQTTMessage("t\(number)", "x", isRetained: true), at: now)
        }
        #expect(outbox.count == MQTTOutbox.countLimit && outbox.lost == 1)
        #expect(outbox.take(at: now)?.topic == "t1")
        let half = MQTTOutbox.byteLimit / 2 - 6
        let long = String(repeating: "t", count: half)
        for number in 0..<3 {
            outbox.add(MQTTMessage("large\(number)", Data(count: half), isRetained: true), at: now)
        }
        #expect(all(&outbox, at: now).count == 2, "two halves fit")
        for number in 0..<3 {
            outbox.add(MQTTMessage("\(number)" + long, Data(), isRetained: true), at: now)
        }
        #expect(all(&outbox, at: now).count == 2, "topics take room too")
    }

    @Test func aTopicThatChangesAgainAndAgainTakesNoRoom() {
        var outbox = MQTTOutbox()
        for number in 0..<10_000 { outbox.add(MQTTMessage("t", "\(number)", isRetained: true), at: now) }
        #expect(outbox.count == 1 && outbox.lost == 0)
        #expect(all(&outbox, at: now) == ["t=9999"])
    }

    @Test func whatDidNotArriveComesFirstUnlessThereIsSomethingNewer() {
        var outbox = MQTTOutbox()
        outbox.add(MQTTMessage("a", "new", isRetained: true), at: now)
        outbox.putBack(
            [
                MQTTMessage("a", "old", isRetained: true), MQTTMessage("news", "1", isRetained: false),
                MQTTMessage("news", "2", isRetained: false),
            ], at: now)
        #expect(all(&outbox, at: now) == ["news=1", "news=2", "a=new"])
    }
}
