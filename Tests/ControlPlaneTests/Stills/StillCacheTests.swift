import Foundation
import StreamModel
import Synchronization
import Testing

@testable import ControlPlane

@Suite struct StillCacheTests {
    /// A clock and a camera of the test's own.
    final class World: Sendable {
        private struct State {
            var now = ContinuousClock.now
            var taken = 0
            var result: StillResult?
        }

        private let state = Mutex(State())
        private let gate: AsyncStream<Void>
        let open: AsyncStream<Void>.Continuation

        init() { (gate, open) = AsyncStream.makeStream() }

        var now: ContinuousClock.Instant { state.withLock(\.now) }
        var taken: Int { state.withLock(\.taken) }

        func pass(_ time: Duration) { state.withLock { $0.now += time } }
        /// What is taken from now on; nil is a picture that says which one it is.
        func give(_ result: StillResult?) { state.withLock { $0.result = result } }

        func take() -> StillResult {
            state.withLock { state in
                state.taken += 1
                return state.result ?? StillResult(jpeg: Data("picture \(state.taken)".utf8), isLive: true)
            }
        }

        func takeWhenOpen() async -> StillResult {
            for await _ in gate { break }
            return take()
        }
    }

    let world = World()
    let key = StillCache.Key(transmissionID: "t", maximumWidth: 640)

    func cache() -> StillCache {
        let world = world
        return StillCache(now: { world.now }, take: { _ in world.take() })
    }

    func text(_ still: Still) -> String { String(decoding: still.jpeg, as: UTF8.self) }

    @Test func aPictureIsGivenAgainUntilItIsTooOldForTheCaller() async throws {
        let cache = cache()
        #expect(text(try await cache.still(key, maximumAge: .seconds(5))) == "picture 1")
        world.pass(.milliseconds(4500))
        let again = try await cache.still(key, maximumAge: .seconds(5))
        #expect(text(again) == "picture 1" && again.state == .live && again.maximumCacheSeconds == 0)
        world.pass(.milliseconds(500))
        let new = try await cache.still(key, maximumAge: .seconds(5))
        #expect(text(new) == "picture 2" && new.maximumCacheSeconds == 5)
        // Who allows no age gets a new one each time; who allows more gets the old one.
        #expect(text(try await cache.still(key, maximumAge: .zero)) == "picture 3")
        world.pass(.seconds(60))
        let old = try await cache.still(key, maximumAge: .seconds(3600))
        #expect(text(old) == "picture 3" && old.state == .stale && old.maximumCacheSeconds == 3540)
    }

    @Test func aPlaceholderIsKeptBriefly() async throws {
        let cache = cache()
        _ = try await cache.still(key, maximumAge: .seconds(5))
        world.give(StillResult(jpeg: Data("gray".utf8), isLive: false))
        world.pass(.seconds(30))
        let placeholder = try await cache.still(key, maximumAge: .seconds(5))
        #expect(text(placeholder) == "gray" && placeholder.state == .placeholder)
        // Somebody who allows it still gets the camera's last picture.
        #expect(try await cache.still(key, maximumAge: .seconds(60)).state == .stale)
        let short = try await cache.still(key, maximumAge: .seconds(20))
        #expect(short.state == .placeholder && short.maximumCacheSeconds == 5)
        #expect(world.taken == 2)
        world.pass(.seconds(5))
        world.give(nil)
        #expect(try await cache.still(key, maximumAge: .seconds(20)).state == .live)
    }

    @Test func widthsAndTransmissionsHavePicturesOfTheirOwn() async throws {
        let cache = cache()
        for key in [
            key, StillCache.Key(transmissionID: "t", maximumWidth: 320),
            StillCache.Key(transmissionID: "u", maximumWidth: 640),
        ] {
            _ = try await cache.still(key, maximumAge: .seconds(5))
        }
        #expect(world.taken == 3)
    }

    @Test func requestsAtTheSameTimeShareOne() async throws {
        let world = world
        let cache = StillCache(now: { world.now }, take: { _ in await world.takeWhenOpen() })
        let requests = (0..<20).map { _ in Task { try await cache.still(key, maximumAge: .zero) } }
        await Task.yield()
        world.open.yield()
        world.open.finish()
        for request in requests { #expect(text(try await request.value).hasPrefix("picture")) }
        // Those that came after the first was done took another; most came before.
        #expect(world.taken <= 2)
    }

    @Test func aFailureIsToldAndNotKept() async throws {
        let cache = cache()
        world.give(StillResult(failure: "The worker stopped: rtsp://u:hunter2@h/1."))
        let error = await #expect(throws: ControlPlaneError.self) {
            try await cache.still(key, maximumAge: .seconds(5))
        }
        guard case .busy(let message) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(
            message.text.hasPrefix("No picture could be taken. The worker stopped")
                && !message.text.contains("hunter2"))
        world.give(nil)
        #expect(try await cache.still(key, maximumAge: .seconds(5)).state == .live)
    }

    @Test func onlySoManyAreTakenAtOnceAndKept() async throws {
        let world = world
        let blocked = StillCache(now: { world.now }, take: { _ in await world.takeWhenOpen() })
        let key: @Sendable (Int) -> StillCache.Key = { StillCache.Key(transmissionID: "t", maximumWidth: $0) }
        let requests = (0...StillCache.pendingLimit).map { width in
            Task { try? await blocked.still(key(width), maximumAge: .seconds(5)) }
        }
        // Whichever comes last is refused at once; the others wait.
        let refused = await withTaskGroup(of: Bool.self) { group in
            for request in requests { group.addTask { await request.value == nil } }
            var refused = await group.next() == true ? 1 : 0
            world.open.finish()
            for await isRefused in group where isRefused { refused += 1 }
            return refused
        }
        #expect(refused == 1)

        let cache = cache()
        world.give(StillResult(jpeg: Data(count: StillCache.byteLimit / 4), isLive: true))
        for width in 0..<5 {
            _ = try await cache.still(key(width), maximumAge: .seconds(60))
            world.pass(.seconds(1))
        }
        let before = world.taken
        _ = try await cache.still(key(4), maximumAge: .seconds(60))
        #expect(world.taken == before)
        _ = try await cache.still(key(0), maximumAge: .seconds(60))
        #expect(world.taken == before + 1, "the oldest made room")
    }
}

extension StillCacheTests {
    @Test func whoDoesNotWaitGetsTheLastPictureOfTheNearestWidthOrNone() async throws {
        let cache = cache()
        #expect(await cache.lastKnown(key, maximumAge: .seconds(3600)) == nil)
        #expect(world.taken == 0, "nothing is started for it")
        for width in [320, 1920] {
            _ = try await cache.still(.init(transmissionID: "t", maximumWidth: width), maximumAge: .zero)
        }
        world.pass(.seconds(60))
        let small = try #require(await cache.lastKnown(key, maximumAge: .seconds(3600)))
        #expect(text(small) == "picture 1" && small.state == .stale)
        let large = await cache.lastKnown(.init(transmissionID: "t", maximumWidth: 3840), maximumAge: .seconds(3600))
        #expect(large.map(text) == "picture 2")
        #expect(await cache.lastKnown(key, maximumAge: .seconds(60)) == nil, "too old")
        #expect(await cache.lastKnown(.init(transmissionID: "u", maximumWidth: 640), maximumAge: .seconds(60)) == nil)
        #expect(world.taken == 2)
    }
}
