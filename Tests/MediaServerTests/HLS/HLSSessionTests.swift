import ConnectionLimits
import EngineContract
import NIOCore
import StreamModel
import StreamProtocols
import Testing

@testable import MediaServer

@Suite(.timeLimit(.minutes(1))) struct HLSSessionTests {
    @Test func eachOpeningIsAViewerAsSoonAsItPlays() async throws {
        let fixture = HLSDeliveryFixture()
        let first = try fixture.session(in: try await fixture.open())
        let second = try fixture.session(in: try await fixture.open())
        #expect(first != second)
        // Looking at the index is not playing.
        #expect(await fixture.delivery.playingSessions.isEmpty)
        for session in [first, second, first] {
            _ = try await fixture.delivery.mediaPlaylist(path: "cam", client: fixture.client(session: session))
        }
        let sessions = await fixture.delivery.playingSessions
        #expect(Set(sessions.map(\.id)) == [first, second])
        #expect(sessions.allSatisfy { $0.path == "cam" && $0.remoteAddr == "192.0.2.1:5000" })
    }

    @Test func withoutASessionAViewerIsKnownByAddressAndProgram() async throws {
        let fixture = HLSDeliveryFixture()
        _ = try await fixture.open()
        let clients = [
            fixture.client(), fixture.client(), fixture.client("192.0.2.2"), fixture.client(userAgent: "other"),
            fixture.client(password: "x"),
        ]
        for client in clients { _ = try await fixture.delivery.mediaPlaylist(path: "cam", client: client) }
        #expect(await fixture.delivery.playingSessions.count == 4)
    }

    @Test func aSessionEndsAfterThirtySecondsWithoutARequest() async throws {
        let fixture = HLSDeliveryFixture { $0.muxerCloseAfter = .seconds(60) }
        _ = try await fixture.open()
        _ = try await fixture.delivery.mediaPlaylist(path: "cam", client: fixture.client())
        fixture.clock.advance(by: .seconds(29))
        #expect(await fixture.delivery.playingSessions.count == 1)
        _ = try await fixture.delivery.mediaPlaylist(path: "cam", client: fixture.client())
        fixture.clock.advance(by: .seconds(29))
        #expect(await fixture.delivery.playingSessions.count == 1)
        fixture.clock.advance(by: .seconds(1))
        #expect(await fixture.delivery.playingSessions.isEmpty)
    }

    @Test func countsTheBytesSent() async throws {
        let fixture = HLSDeliveryFixture()
        let session = try fixture.session(in: try await fixture.open())
        let client = fixture.client(session: session)
        let playlist = try await fixture.delivery.mediaPlaylist(path: "cam", client: client)
        let name = try fixture.firstSegment(in: playlist)
        let segment = try await fixture.delivery.content(path: "cam", name: name, client: client)
        #expect(
            await fixture.delivery.playingSessions.map(\.bytesSent)
                == [playlist.utf8.count + segment.readableBytes]
        )
    }

    // MARK: Access

    @Test func asksForCredentialsOnceInASession() async throws {
        let fixture = HLSDeliveryFixture()
        await fixture.source.set(password: "right")
        await #expect(throws: HLSRefusal.unauthorized) {
            try await fixture.delivery.multivariantPlaylist(path: "cam", client: fixture.client(password: "wrong"))
        }
        #expect(await fixture.source.attachmentCount == 0)
        let session = try fixture.session(in: try await fixture.open("cam", fixture.client(password: "right")))

        let playlist = try await fixture.delivery.mediaPlaylist(path: "cam", client: fixture.client(session: session))
        let name = try fixture.firstSegment(in: playlist)
        _ = try await fixture.delivery.content(path: "cam", name: name, client: fixture.client(session: session))
        #expect(await fixture.source.authorizationCount == 2)
    }

    @Test func aSessionOpensNothingElse() async throws {
        let fixture = HLSDeliveryFixture()
        await fixture.source.set(password: "right")
        let session = try fixture.session(in: try await fixture.open("cam", fixture.client(password: "right")))
        let others = [
            ("cam", fixture.client("192.0.2.2", session: session)),
            ("cam", fixture.client(session: "0123456789abcdef")),
            ("cam", fixture.client()),
            ("other", fixture.client(session: session)),
        ]
        for (path, client) in others {
            await #expect(throws: HLSRefusal.unauthorized) {
                try await fixture.delivery.mediaPlaylist(path: path, client: client)
            }
            await #expect(throws: HLSRefusal.unauthorized) {
                try await fixture.delivery.content(path: path, name: "x.ts", client: client)
            }
        }
    }

    /// Somebody may have made the viewer open an address with a session that it chose.
    @Test func aSessionThatTheClientNamedProvesNothing() async throws {
        let fixture = HLSDeliveryFixture()
        await fixture.source.set(password: "right")
        let named = fixture.client(session: "chosen", password: "right")
        #expect(try fixture.session(in: try await fixture.open("cam", named)) == "chosen")
        _ = try await fixture.delivery.mediaPlaylist(path: "cam", client: named)
        #expect(await fixture.delivery.playingSessions.map(\.id) == ["chosen"])
        await #expect(throws: HLSRefusal.unauthorized) {
            try await fixture.delivery.mediaPlaylist(path: "cam", client: fixture.client(session: "chosen"))
        }
    }

    @Test func changedUsersMakeEverybodyShowCredentialsAgain() async throws {
        let fixture = HLSDeliveryFixture()
        await fixture.source.set(password: "right")
        let session = try fixture.session(in: try await fixture.open("cam", fixture.client(password: "right")))
        await fixture.delivery.accessChanged()
        await #expect(throws: HLSRefusal.unauthorized) {
            try await fixture.delivery.mediaPlaylist(path: "cam", client: fixture.client(session: session))
        }
    }

    // MARK: Kicking

    @Test func aKickedViewerGetsNothingUntilItOpensTheStreamAnew() async throws {
        let fixture = HLSDeliveryFixture()
        let session = try fixture.session(in: try await fixture.open())
        let client = fixture.client(session: session)
        let playlist = try await fixture.delivery.mediaPlaylist(path: "cam", client: client)
        let name = try fixture.firstSegment(in: playlist)
        #expect(await !fixture.delivery.kick(sessionID: "nobody"))
        #expect(await fixture.delivery.kick(sessionID: session))
        #expect(await fixture.delivery.playingSessions.isEmpty)
        await #expect(throws: HLSRefusal.sessionClosed) {
            try await fixture.delivery.mediaPlaylist(path: "cam", client: client)
        }
        await #expect(throws: HLSRefusal.sessionClosed) {
            try await fixture.delivery.content(path: "cam", name: name, client: client)
        }
        _ = try await fixture.open("cam", client)
        _ = try await fixture.delivery.mediaPlaylist(path: "cam", client: client)
        #expect(await fixture.delivery.playingSessions.map(\.id) == [session])
    }

    @Test func theStreamIsLeftWithItsLastViewerAndNotBefore() async throws {
        let fixture = HLSDeliveryFixture()
        var sessions: [String] = []
        for _ in 0..<2 {
            let session = try fixture.session(in: try await fixture.open())
            _ = try await fixture.delivery.mediaPlaylist(path: "cam", client: fixture.client(session: session))
            sessions.append(session)
        }
        #expect(await fixture.delivery.kick(sessionID: sessions[0]))
        #expect(await fixture.delivery.paths == ["cam"])
        #expect(await fixture.delivery.kick(sessionID: sessions[1]))
        #expect(await fixture.delivery.paths.isEmpty)
        await fixture.source.detachments(1)
    }

    // MARK: The table

    @Test func isBoundedAndForgetsThoseWhoOnlyLookedFirst() {
        let start: Duration = .seconds(1)
        var table = HLSSessionTable(timeout: .seconds(30))
        func session(_ number: Int, isPlaying: Bool) -> HLSSession {
            HLSSession(
                id: "\(number)",
                key: HLSSession.Key(path: "cam", address: nil, mark: .identifier("\(number)")),
                remoteAddress: "",
                created: ProgramDateTime(millisecondsSinceEpoch: Int64(number)),
                provesAccess: false,
                lastSeen: start + .milliseconds(number),
                isPlaying: isPlaying
            )
        }
        func expectInsertion(_ session: HLSSession, at now: Duration, _ isExpected: Bool) {
            let isInserted = table.insert(session, at: now)
            #expect(isInserted == isExpected)
        }
        let count = HLSSessionTable.maximumCount
        for number in 0..<count { expectInsertion(session(number, isPlaying: number != 7), at: start, true) }
        expectInsertion(session(count, isPlaying: true), at: start, true)
        #expect(table.playing(at: start).count == count)
        expectInsertion(session(count + 1, isPlaying: true), at: start, true)
        #expect(table.playing(at: start).count == count)
        #expect(table.playing(at: start).first?.id == "1")
    }

    @Test func oneClientCantHaveThemAll() throws {
        let start: Duration = .seconds(1)
        var table = HLSSessionTable(timeout: .seconds(30))
        func session(_ number: Int, from address: String, at now: Duration) throws -> HLSSession {
            let socketAddress = try SocketAddress(ipAddress: address, port: 4711)
            return HLSSession(
                id: "\(number)",
                key: HLSSession.Key(path: "cam", address: IPAddress(socketAddress), mark: .identifier("\(number)")),
                client: ClientNetwork(socketAddress), remoteAddress: "",
                created: ProgramDateTime(millisecondsSinceEpoch: 0), provesAccess: false, lastSeen: now)
        }
        func expectInsertion(_ session: HLSSession, at now: Duration, _ isExpected: Bool) {
            let isInserted = table.insert(session, at: now)
            #expect(isInserted == isExpected)
        }
        let count = HLSSessionTable.maximumCountPerClient
        // An IPv6 host has 2⁶⁴ addresses of its own.
        for number in 0..<count {
            expectInsertion(try session(number, from: "2001:db8::\(number)", at: start), at: start, true)
        }
        expectInsertion(try session(count, from: "2001:db8::ffff", at: start), at: start, false)
        expectInsertion(try session(count, from: "2001:db8:0:1::1", at: start), at: start, true)
        for number in 0...count { expectInsertion(try session(number, from: "::1", at: start), at: start, true) }
        let later = start + .seconds(30)
        expectInsertion(try session(count, from: "2001:db8::ffff", at: later), at: later, true)
    }

    @Test(arguments: [("", false), ("a-B9", true), ("a b", false), ("ä", false), ("a\"", false), ("a\n", false)])
    func onlyHarmlessIdentifiersAreCarriedOn(id: String, isValid: Bool) {
        #expect(HLSSession.isValidID(id) == isValid)
        #expect(!HLSSession.isValidID(String(repeating: "a", count: 65)))
    }
}
