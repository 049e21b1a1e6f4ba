import ConnectionLimits
import StreamModel
import Testing

@testable import ControlPlane

@Suite struct StateFeedTests {
    private let feed = StateFeed()

    private func output(_ key: String, _ viewers: Int) -> (StatePart, JSONValue) {
        (.output(key), ["output_key": .string(key), "viewer_count": .integer(viewers)])
    }

    private func publish(_ outputs: [String: Int], revision: Int = 1) {
        var parts: [StatePart: JSONValue] = [
            .revision: .integer(revision), .outputKeys: .array(outputs.keys.sorted().map(JSONValue.string)),
        ]
        for (key, viewers) in outputs {
            let (part, value) = output(key, viewers)
            parts[part] = value
        }
        feed.publish(parts)
    }

    @Test func firstNewsIsTheWholeStateAndThenOnlyWhatChanged() throws {
        publish(["a": 0, "b": 0])
        let follower = try #require(feed.enter(.viewer, from: nil))
        let whole = try #require(follower.news(since: 0))
        #expect(whole.isWhole)
        #expect(whole.json["output_keys"] == ["a", "b"])
        #expect(whole.json["outputs"]?.arrayValue?.count == 2)
        #expect(follower.news(since: whole.version) == nil)
        publish(["a": 0, "b": 2])
        let change = try #require(follower.news(since: whole.version))
        #expect(!change.isWhole)
        #expect(change.json == ["outputs": [["output_key": "b", "viewer_count": 2]]])
    }

    @Test func whatDidNotChangeWakesNobody() async throws {
        publish(["a": 1])
        let follower = try #require(feed.enter(.viewer, from: nil))
        publish(["a": 1])
        follower.end()
        var wakes = 0
        for await _ in follower.wakes { wakes += 1 }
        #expect(wakes == 0)
    }

    @Test func aFollowerThatWasBusyIsToldOnceOfAllThatChanged() throws {
        publish(["a": 0, "gone": 0])
        let follower = try #require(feed.enter(.viewer, from: nil))
        let known = try #require(follower.news(since: 0)).version
        for viewers in 1...100 { publish(["a": viewers], revision: viewers) }
        let news = try #require(follower.news(since: known))
        #expect(
            news.json == [
                "revision": 100, "output_keys": ["a"], "outputs": [["output_key": "a", "viewer_count": 100]],
            ])
    }

    @Test func outputsThatAreGoneAreToldToNobody() throws {
        publish(["a": 0, "gone": 0])
        publish(["a": 0])
        let news = try #require(feed.enter(.viewer, from: nil)?.news(since: 0))
        #expect(news.json["outputs"] == [["output_key": "a", "viewer_count": 0]])
    }

    @Test func whatIsForAdministratorsIsNotToldToViewers() throws {
        feed.publish([.workers: ["secret"], .findings: ["seen"], .download: ["state": "idle"], .revision: 1])
        let viewer = try #require(feed.enter(.viewer, from: nil))
        let news = try #require(viewer.news(since: 0))
        #expect(news.json == ["revision": 1])
        #expect(try #require(feed.enter(.admin, from: nil)?.news(since: 0)).json["workers"] == ["secret"])
        feed.publish([.workers: ["more"]])
        #expect(viewer.news(since: news.version) == nil)
    }

    @Test func placesAreLimitedAndGivenUpByWhoLeaves() throws {
        var followers = (0..<StateFeed.followerLimit).compactMap { _ in feed.enter(.viewer, from: nil) }
        #expect(followers.count == StateFeed.followerLimit)
        #expect(feed.enter(.viewer, from: nil) == nil)
        followers.removeLast()
        #expect(feed.enter(.viewer, from: nil) != nil)
        followers = []
        #expect(!feed.hasFollowers)
    }

    @Test func oneClientLeavesPlacesToTheOthers() throws {
        func client(_ text: String) throws -> ClientNetwork { ClientNetwork(try #require(IPAddress(text))) }
        let (greedy, other, local) = (try client("192.0.2.1"), try client("192.0.2.2"), try client("127.0.0.1"))
        var followers = (0..<StateFeed.followerLimitPerClient).compactMap { _ in feed.enter(.viewer, from: greedy) }
        #expect(followers.count == StateFeed.followerLimitPerClient)
        #expect(feed.enter(.viewer, from: greedy) == nil)
        #expect(feed.enter(.viewer, from: other) != nil)
        followers.removeLast()
        #expect(feed.enter(.viewer, from: greedy) != nil)
        // Behind it are a proxy's clients, or programs of our own.
        let many = (0..<StateFeed.followerLimit).compactMap { _ in feed.enter(.viewer, from: local) }
        #expect(followers.count + many.count == StateFeed.followerLimit)
    }

    @Test func notesAreGathered() async {
        let notes = ChangeNotes()
        notes.note(.engine)
        notes.note([.workers, .engine])
        var arrivals = notes.arrivals.makeAsyncIterator()
        await arrivals.next()
        #expect(notes.take() == [.engine, .workers])
        #expect(notes.take().isEmpty)
    }
}
