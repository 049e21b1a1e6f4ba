import EngineContract
import StreamProtocols
import Testing

@testable import MediaServer

/// Viewers who get a stream as one MP4, as sessions of the control API.
@Suite(.timeLimit(.minutes(1))) struct MP4DeliveryTests {
    private let fixture = HLSDeliveryFixture()

    private func open(_ client: HLSClient) async throws -> MP4Playback {
        let count = await fixture.source.attachedCount
        let opening = Task {
            try await fixture.delivery.openMP4(
                path: "cam", codecs: .all, client: client, eventLoop: fixture.delivery.clock.eventLoop)
        }
        await fixture.source.attached(count + 1)
        await fixture.source.publish([TestPicture.keyframe(0)])
        return try await opening.value
    }

    /// Takes all that comes; each time that something has come, the stream has one more element.
    private func play(_ playback: MP4Playback) -> (task: Task<Void, any Error>, taken: AsyncStream<Void>) {
        let (taken, sink) = AsyncStream.makeStream(of: Void.self)
        let task = Task {
            defer { sink.finish() }
            try await playback.send { _ in sink.yield() }
        }
        return (task, taken)
    }

    @Test func aPlayerThatBeginsAnewUnderItsNameIsStillKnownWhenItsFormerConnectionHasGone() async throws {
        var former: MP4Playback? = try await open(fixture.client(session: "tv"))
        let playback = try await open(fixture.client(session: "tv"))
        #expect(former?.contentType == playback.contentType)
        former = nil
        await fixture.source.detachments(1)
        #expect(await fixture.delivery.playingSessions.map(\.id) == ["tv"])

        let (task, _) = play(playback)
        try #require(await fixture.delivery.kick(sessionID: "tv"))
        fixture.clock.advance(by: .seconds(1))
        await fixture.source.send([TestPicture.picture(3600)])
        try await task.value
    }

    @Test func aSessionLastsAsLongAsItsConnection() async throws {
        let playback = try await open(fixture.client(session: "tv"))
        fixture.clock.advance(by: .seconds(3600))
        // What another one does has the table swept.
        let other = try await open(fixture.client("192.0.2.2"))
        #expect(await fixture.delivery.playingSessions.count == 2)
        withExtendedLifetime((playback, other)) {}
    }

    @Test func whoMayReadNoMoreGetsNothingMore() async throws {
        await fixture.source.set(password: "right")
        let (task, taken) = play(try await open(fixture.client(password: "right")))
        var pieces = taken.makeAsyncIterator()
        await pieces.next()

        await fixture.delivery.accessChanged()
        for number in 1...2 {
            fixture.clock.advance(by: .seconds(1))
            await fixture.source.send([TestPicture.picture(Int64(number) * 3600)])
            try #require(await pieces.next() != nil)
        }
        #expect(await fixture.source.authorizationCount == 2)

        await fixture.source.set(password: "another")
        await fixture.delivery.accessChanged()
        fixture.clock.advance(by: .seconds(1))
        await fixture.source.send([TestPicture.picture(3 * 3600)])
        try await task.value
    }
}
