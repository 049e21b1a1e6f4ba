import ConnectionLimits
import EngineContract
import NIOCore
import StreamModel
import StreamProtocols
import Testing

@testable import MediaServer

/// What is held until it is there.
@Suite(.timeLimit(.minutes(1))) struct HLSBlockingReloadTests {
    private let fixture: HLSDeliveryFixture

    init() {
        fixture = HLSDeliveryFixture { $0.use(.lowLatency) }
    }

    private func playlist(
        _ awaited: DeliveryDirectives.Awaited?, _ client: HLSClient? = nil
    ) -> Task<String, any Error> {
        let client = client ?? fixture.client()
        return Task {
            try await fixture.delivery.mediaPlaylist(path: "cam", client: client, DeliveryDirectives(awaited: awaited))
        }
    }

    /// Opens the path with three segments of a second, each of five parts, and tells the number of the next.
    private func open() async throws -> Int {
        _ = try await fixture.open()
        return try #require(await fixture.delivery.nextSequenceNumber(path: "cam"))
    }

    private func send(_ range: Range<Int64>) async {
        await fixture.source.send(range.map { TestPicture.picture($0 * 3600) })
    }

    @Test func aPlaylistIsHeldUntilItsPartIsThere() async throws {
        let next = try await open()
        let request = playlist(.part(1, ofSegment: next))
        await fixture.delivery.held(1)
        // The sixth picture ends the first part, the eleventh the second.
        await send(76..<81)
        #expect(await fixture.delivery.held.count(path: "cam") == 1)
        await send(81..<86)
        let text = try await request.value
        #expect(text.contains("_\(next)_1.mp4"))
        #expect(await fixture.delivery.held.count(path: "cam") == 0)
        // It is there now, so that nobody is held for it.
        #expect(try await playlist(.part(1, ofSegment: next)).value == text)
    }

    @Test func aPlaylistIsHeldUntilItsSegmentIsWhole() async throws {
        let next = try await open()
        let request = playlist(.segment(next))
        await fixture.delivery.held(1)
        await send(76..<100)
        #expect(await fixture.delivery.held.count(path: "cam") == 1)
        await fixture.source.send([TestPicture.keyframe(100 * 3600)])
        #expect(try await request.value.contains("_\(next).mp4"))
    }

    @Test func theHintedPartIsHeldUntilItIsThere() async throws {
        let next = try await open()
        let text = try await playlist(nil).value
        let hint = try #require(text.split(separator: "\n").last { $0.hasPrefix("#EXT-X-PRELOAD-HINT") })
        let name = String(try #require(hint.split(separator: "\"").dropFirst().first))
        #expect(name.hasSuffix("_\(next)_0.mp4"))
        let client = fixture.client()
        let request = Task { try await fixture.delivery.content(path: "cam", name: name, client: client) }
        await fixture.delivery.held(1)
        await send(76..<81)
        #expect(try await request.value.readableBytes > 0)
        await #expect(throws: HLSRefusal.notFound) {
            try await fixture.delivery.content(
                path: "cam", name: name.replacing("_0.mp4", with: "_4.mp4"), client: client)
        }
    }

    @Test func nothingIsHeldThatIsTooFarAhead() async throws {
        let next = try await open()
        await #expect(throws: HLSRefusal.tooFarAhead) { try await playlist(.segment(next + 2)).value }
        await #expect(throws: HLSRefusal.tooFarAhead) { try await playlist(.part(99, ofSegment: next)).value }
    }

    @Test func aStreamThatStandsStillLetsGoAfterThreeTargetDurations() async throws {
        let next = try await open()
        // The muxer's own lifetime, and this.
        let request = playlist(.part(0, ofSegment: next))
        await fixture.delivery.held(1)
        await fixture.clock.sleepers(2)
        fixture.clock.advance(by: .seconds(3))
        await #expect(throws: HLSRefusal.notInTime(path: "cam")) { try await request.value }
        #expect(await fixture.delivery.held.count(path: "cam") == 0)
    }

    @Test func whoLeavesIsForgottenAtOnce() async throws {
        let next = try await open()
        let request = playlist(.part(0, ofSegment: next))
        await fixture.delivery.held(1)
        request.cancel()
        await #expect(throws: HLSRefusal.closing) { try await request.value }
        #expect(await fixture.delivery.held.count(path: "cam") == 0)
    }

    @Test func whoIsEndedIsNotHeldAnyLongerAndTheStreamEnds() async throws {
        let session = try fixture.session(in: try await fixture.open())
        let next = try #require(await fixture.delivery.nextSequenceNumber(path: "cam"))
        let client = fixture.client(session: session)
        _ = try await playlist(nil, client).value
        let request = playlist(.part(0, ofSegment: next), client)
        await fixture.delivery.held(1)
        #expect(await fixture.delivery.kick(sessionID: session))
        await #expect(throws: HLSRefusal.sessionClosed) { try await request.value }
        await fixture.source.detachments(1)
    }

    @Test func theEndOfTheStreamEndsTheWaiting() async throws {
        let next = try await open()
        let request = playlist(.part(0, ofSegment: next))
        await fixture.delivery.held(1)
        await fixture.source.closeStream()
        await #expect(throws: HLSRefusal.noStream(path: "cam")) { try await request.value }
    }

    @Test func requestsOfOneClientAndOfAllAreBounded() throws {
        var held = HLSHeldRequests()
        let client = ClientNetwork(try #require(IPAddress("192.0.2.1")))
        let other = ClientNetwork(try #require(IPAddress("192.0.2.2")))
        let proxy = ClientNetwork(try #require(IPAddress("127.0.0.1")))
        let first = (0..<HLSHeldRequests.limitPerClient).map { _ in held.enter(path: "a", client: client) }
        #expect(first.allSatisfy { $0 })
        var answers = [
            held.enter(path: "a", client: client), held.enter(path: "b", client: client),
            held.enter(path: "a", client: other),
        ]
        held.leave(path: "a", client: client)
        answers.append(held.enter(path: "a", client: client))
        #expect(answers == [false, true, true, true])
        let ofProxy = (held.count(path: "a")..<HLSHeldRequests.limit).map { _ in
            held.enter(path: "a", client: proxy)
        }
        #expect(ofProxy.allSatisfy { $0 })
        answers = [held.enter(path: "a", client: proxy), held.enter(path: "a", client: nil)]
        held.leave(path: "a", client: proxy)
        answers.append(held.enter(path: "a", client: nil))
        #expect(answers == [false, false, true])
    }

    @Test func aPathMayBePackedOtherwiseThanTheOthers() async throws {
        let fixture = HLSDeliveryFixture()
        await fixture.source.pack("door", as: .lowLatency)
        for (path, hasParts) in [("cam", false), ("door", true)] {
            _ = try await fixture.open(path)
            let text = try await fixture.delivery.mediaPlaylist(path: path, client: fixture.client())
            #expect(text.contains("#EXT-X-PART:") == hasParts)
        }
        // Directives mean nothing where there are no parts.
        let directives = DeliveryDirectives(awaited: .segment(1 << 40), maySkip: true)
        _ = try await fixture.delivery.mediaPlaylist(path: "cam", client: fixture.client(), directives)
    }
}

extension HLSDelivery {
    fileprivate func nextSequenceNumber(path: String) -> Int? { existingMuxer(path: path)?.muxer.nextSequenceNumber }

    /// Returns when `count` requests of the path are held.
    fileprivate func held(_ count: Int) async {
        while held.count(path: "cam") < count || existingMuxer(path: "cam")?.isWaitedFor != true { await Task.yield() }
    }
}
