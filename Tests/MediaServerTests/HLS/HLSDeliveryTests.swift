import ConnectionLimits
import Logging
import NIOCore
import NIOPosix
import StreamModel
import StreamProtocols
import Testing

@testable import MediaServer

/// A delivery with a fake engine and a clock that the test moves.
struct HLSDeliveryFixture {
    let source: FakeHLSSource
    let delivery: HLSDelivery
    let clock = ManualClock()

    init(_ change: (inout HLSSettings) -> Void = { _ in }) {
        let eventLoop = MultiThreadedEventLoopGroup.singleton.next()
        var settings = HLSSettings()
        settings.muxerCloseAfter = .seconds(15)
        change(&settings)
        source = FakeHLSSource(eventLoop: eventLoop)
        delivery = HLSDelivery(
            source: source,
            settings: settings,
            clock: clock.clock(on: eventLoop),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    func client(
        _ address: String = "192.0.2.1",
        userAgent: String = "player",
        session: String? = nil,
        password: String? = nil
    ) -> HLSClient {
        HLSClient(
            address: IPAddress(address),
            remoteAddress: "\(address):5000",
            userAgent: userAgent,
            credentials: password.map { .password(user: "viewer", password: $0) } ?? .none,
            sessionID: session
        )
    }

    /// Opens `path` with three seconds of pictures, and returns the multivariant playlist.
    func open(_ path: String = "cam", _ client: HLSClient? = nil) async throws -> String {
        let client = client ?? self.client()
        let isNew = await !delivery.paths.contains(path)
        let count = await source.attachedCount
        let request = Task { try await delivery.multivariantPlaylist(path: path, client: client) }
        if isNew {
            await source.attached(count + 1)
            await source.publish(TestPicture.sequence(76))
        }
        return try await request.value
    }

    /// The `session` of a multivariant playlist.
    func session(in playlist: String) throws -> String {
        let line = try #require(playlist.split(separator: "\n").last)
        return String(try #require(line.split(separator: "=").last))
    }

    /// The first segment of a media playlist, without its query.
    func firstSegment(in playlist: String) throws -> String {
        let line = try #require(playlist.split(separator: "\n").first { !$0.hasPrefix("#") })
        return String(try #require(line.split(separator: "?").first))
    }
}

extension HLSDelivery {
    /// Whether the muxer of a path has a segment.
    fileprivate func isReady(path: String) -> Bool { existingMuxer(path: path)?.muxer.isReady ?? false }
}

@Suite(.timeLimit(.minutes(1))) struct HLSDeliveryTests {
    // MARK: Holding

    @Test func thePlaylistIsHeldUntilTheFirstSegment() async throws {
        let fixture = HLSDeliveryFixture()
        await fixture.source.set(isHolding: true)
        let request = request(fixture)
        await fixture.source.attachments(1)
        await fixture.source.release()
        // The muxer's own lifetime, and the deadline of the request.
        await fixture.clock.sleepers(2)
        await fixture.source.publish(TestPicture.sequence(25))
        #expect(await !fixture.delivery.isReady(path: "cam"))
        await fixture.source.send(TestPicture.sequence(1, from: 90_000))
        #expect(try await request.value.contains("main_stream.m3u8?session="))
    }

    @Test func aStreamWithoutKeyframesTimesOut() async throws {
        let fixture = HLSDeliveryFixture()
        let request = request(fixture)
        await fixture.clock.sleepers(2)
        await fixture.source.publish(TestPicture.sequence(10).dropFirst().map { $0 })
        fixture.clock.advance(by: .seconds(10))
        await #expect(throws: HLSRefusal.noPicture(path: "cam")) { try await request.value }
        // The muxer lives on: the next keyframe may come.
        #expect(await fixture.delivery.paths == ["cam"])
    }

    @Test(arguments: [HLSRefusal.noStream(path: "cam"), .sourceTimedOut(path: "cam"), .tooManyReaders(path: "cam")])
    func theEnginesRefusalReachesTheViewerAndTheNextRequestTriesAgain(refusal: HLSRefusal) async throws {
        let fixture = HLSDeliveryFixture()
        await fixture.source.set(refusal: refusal)
        for attempt in 1...2 {
            await #expect(throws: refusal) {
                try await fixture.delivery.multivariantPlaylist(path: "cam", client: fixture.client())
            }
            #expect(await fixture.source.attachmentCount == attempt)
        }
        #expect(await fixture.delivery.paths.isEmpty)
    }

    @Test func manyFirstRequestsShareOneMuxer() async throws {
        let fixture = HLSDeliveryFixture()
        await fixture.source.set(isHolding: true)
        try await withThrowingTaskGroup(of: String.self) { group in
            for number in 0..<20 {
                group.addTask {
                    try await fixture.delivery.multivariantPlaylist(
                        path: "cam",
                        client: fixture.client("192.0.2.\(number)")
                    )
                }
            }
            await fixture.source.attachments(1)
            await fixture.source.release()
            await fixture.clock.sleepers(1)
            await fixture.source.publish(TestPicture.sequence(26))
            var count = 0
            for try await playlist in group {
                #expect(playlist.contains("#EXT-X-STREAM-INF"))
                count += 1
            }
            #expect(count == 20)
        }
        #expect(await fixture.source.attachmentCount == 1)
    }

    @Test func aRequestThatIsGivenUpLetsGo() async throws {
        let fixture = HLSDeliveryFixture()
        let request = request(fixture)
        await fixture.clock.sleepers(2)
        request.cancel()
        await #expect(throws: HLSRefusal.closing) { try await request.value }
    }

    // MARK: Life of a muxer

    @Test func aMuxerClosesAfterTheLastRequest() async throws {
        let fixture = HLSDeliveryFixture()
        _ = try await fixture.open()
        fixture.clock.advance(by: .seconds(10))
        _ = try await fixture.delivery.mediaPlaylist(path: "cam", client: fixture.client())
        // 15 seconds after it was made, 5 after the last request.
        fixture.clock.advance(by: .seconds(5))
        await fixture.clock.sleepers(1)
        #expect(await fixture.source.detached.isEmpty)
        fixture.clock.advance(by: .seconds(10))
        await fixture.source.detachments(1)
        #expect(await fixture.source.detached == [HLSAttachment(id: "reader-1", path: "cam")])
        #expect(await fixture.delivery.paths.isEmpty)
    }

    @Test func theNextMuxerGoesOnWithHigherNumbersAndOtherNames() async throws {
        let fixture = HLSDeliveryFixture()
        _ = try await fixture.open()
        let first = try await fixture.delivery.mediaPlaylist(path: "cam", client: fixture.client())
        await fixture.source.closeStream()
        _ = try await fixture.open()
        let second = try await fixture.delivery.mediaPlaylist(path: "cam", client: fixture.client())

        let sequences = try [first, second].map { try number("#EXT-X-MEDIA-SEQUENCE:", in: $0) }
        // Three segments were in the first playlist.
        #expect(sequences[1] > sequences[0] + 2)
        let discontinuities = try [first, second].map { try number("#EXT-X-DISCONTINUITY-SEQUENCE:", in: $0) }
        #expect(discontinuities[1] > discontinuities[0])
        let prefixes = try [first, second].map { try fixture.firstSegment(in: $0).prefix(16) }
        #expect(prefixes[0] != prefixes[1])
        #expect(sequences[1] < Int(Int32.max))
    }

    @Test func aClosedStreamEndsTheMuxerAndItsRequests() async throws {
        let fixture = HLSDeliveryFixture()
        let request = request(fixture)
        await fixture.clock.sleepers(2)
        await fixture.source.closeStream()
        await #expect(throws: HLSRefusal.noStream(path: "cam")) { try await request.value }
        #expect(await fixture.delivery.paths.isEmpty)
    }

    @Test func shutdownLetsGoOfHeldRequestsAndDetaches() async throws {
        let fixture = HLSDeliveryFixture()
        let held = request(fixture)
        await fixture.clock.sleepers(2)
        async let first: Void = fixture.delivery.shutdown()
        async let second: Void = fixture.delivery.shutdown()
        _ = await (first, second)
        #expect(await fixture.source.detached.count == 1)
        await #expect(throws: HLSRefusal.closing) { try await held.value }
        await #expect(throws: HLSRefusal.closing) {
            try await fixture.delivery.mediaPlaylist(path: "cam", client: fixture.client())
        }
    }

    private func request(_ fixture: HLSDeliveryFixture) -> Task<String, any Error> {
        Task { try await fixture.delivery.multivariantPlaylist(path: "cam", client: fixture.client()) }
    }

    private func number(_ tag: String, in playlist: String) throws -> Int {
        let line = try #require(playlist.split(separator: "\n").first { $0.hasPrefix(tag) })
        return try #require(Int(line.dropFirst(tag.count)))
    }
}
