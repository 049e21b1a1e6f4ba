import Foundation
import GRDB
import Logging
import NIOHTTP1
import StreamModel
import Testing

@testable import ControlPlane

/// Signing in with Home Assistant's users. Supervisor answers as in its own sources (`supervisor/api/auth.py`).
@Suite struct HomeAssistantUsersTests {
    private let folder = TemporaryFolder()
    private let store: ConfigurationStore

    init() throws { store = try ConfigurationStore(path: folder.path + "/accounts.sqlite") }

    /// Knows one user, eve, as Supervisor does: whose name and password come as JSON, and the add-on's token in a header of its
    /// own.
    private static func reply(_ request: LocalServer.Request) -> LocalServer.Reply {
        let body = try? JSONValue(parsing: Data(request.body))
        let isRight = body == ["username": "eve", "password": "of home assistant"]
        guard request.path == "/auth", request.method == "POST", request.supervisorToken == "t",
            request.authorization == nil, request.contentType == "application/json", isRight
        else { return LocalServer.Reply(status: .unauthorized) }
        return LocalServer.Reply(body: Array(#"{"result": "ok", "data": {}}"#.utf8))
    }

    private func makeAccounts(
        supervisor url: String?, role: Role = .viewer, administrators: Set<String> = [],
        now: @escaping @Sendable () -> Double = { 1_000_000 }
    ) throws -> Accounts {
        let users = SupervisorClient(baseURL: url, token: url.map { _ in "t" }).map {
            HomeAssistantUsers(role: role, administrators: administrators, supervisor: $0)
        }
        return try Accounts(
            database: store.database, mode: .account, administratorPassword: Secret("correct horse"),
            homeAssistant: users, logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }), now: now)
    }

    private func signIn(
        _ accounts: Accounts, _ name: String, _ password: String, from address: String = "192.0.2.1"
    ) async throws -> Accounts.SignedIn {
        try await accounts.signIn(name: name, password: Secret(password), address: address, userAgent: "test")
    }

    @Test func aUserOfHomeAssistantGetsASessionWithTheRoleThatIsSet() async throws {
        let supervisor = try await LocalServer(Self.reply)
        let accounts = try makeAccounts(supervisor: supervisor.url)
        let signedIn = try await signIn(accounts, " Eve ", "of home assistant")
        #expect(signedIn.identity.name == "eve" && signedIn.identity.role == .viewer)
        let session = try #require(await accounts.listSessions(current: signedIn.identity).first)
        #expect(session["user"] == "eve" && session["is_of_home_assistant"] == true && session["is_current"] == true)
        await #expect(throws: ControlPlaneError.signInRefused(Accounts.wrongPassword)) {
            _ = try await signIn(accounts, "eve", "wrong")
        }
        // What the role is, is a setting: it holds from the next start on.
        let restarted = try makeAccounts(supervisor: supervisor.url, administrators: ["eve"])
        #expect(await restarted.identity(cookie: signedIn.cookie.exposed, bearer: nil)?.role == .admin)
        let id = try #require(session["id"]?.stringValue)
        try await restarted.endSession(id: id)
        #expect(await restarted.identity(cookie: signedIn.cookie.exposed, bearer: nil) == nil)
    }

    @Test func ourOwnUsersComeFirst() async throws {
        let supervisor = try await LocalServer(Self.reply)
        let accounts = try makeAccounts(supervisor: supervisor.url)
        _ = try await accounts.createUser(["name": "eve", "password": "password 1", "role": "admin"])
        #expect(try await signIn(accounts, "eve", "password 1").identity.role == .admin)
        #expect(supervisor.requests.isEmpty, "Home Assistant need not know")
        #expect(try await signIn(accounts, "eve", "of home assistant").identity.role == .viewer)
        // A new password of ours ends nothing of Home Assistant's.
        let eve = try #require(await accounts.listUsers().first { $0.name == "eve" })
        _ = try await accounts.replaceUser(id: eve.id, ["name": "eve", "password": "password 2", "role": "viewer"])
        let left = await accounts.listSessions(current: .open).map { $0["is_of_home_assistant"] }
        #expect(left == [true])
    }

    @Test func aSupervisorThatIsAwayIsNoWrongPasswordAndGuessingMeanwhileIsSlowedDown() async throws {
        let supervisor = try await LocalServer { _ in LocalServer.Reply(status: .badRequest) }
        let accounts = try makeAccounts(supervisor: supervisor.url)
        // The wait doubles with each failure, so that one of the next tries comes too early on a slow machine as well.
        var answers: [ControlPlaneError?] = []
        for _ in 0..<SignInThrottle.freeFailures + 6 {
            answers.append(
                await #expect(throws: ControlPlaneError.self) { _ = try await signIn(accounts, "admin", "guess") })
            if case .tooManyTries = answers.last { break }
        }
        #expect(answers.count > SignInThrottle.freeFailures)
        for answer in answers.dropLast() {
            guard case .badGateway = answer else {
                Issue.record("\(String(describing: answer))")
                continue
            }
        }
        guard case .tooManyTries = answers.last else {
            Issue.record("\(answers)")
            return
        }
        _ = try await signIn(accounts, "admin", "correct horse", from: "192.0.2.2")
    }

    @Test func whoSignsInRightlyIsNotSlowedDownByIt() async throws {
        let supervisor = try await LocalServer(Self.reply)
        let accounts = try makeAccounts(supervisor: supervisor.url)
        for _ in 0...SignInThrottle.freeFailures { _ = try await signIn(accounts, "eve", "of home assistant") }
        var throttle = SignInThrottle()
        for number in 0...SignInThrottle.freeFailuresInAll {
            throttle.failed("192.0.2.\(number)", now: .zero)
            throttle.succeeded("192.0.2.\(number)", wasCountedAsFailure: true)
        }
        #expect(throttle.delay(of: "198.51.100.1", now: .zero) == .zero)
    }

    @Test(arguments: ["", "e\nve", String(repeating: "e", count: 2000)])
    func aNameThatNobodyHasIsNotAskedFor(_ name: String) async throws {
        let supervisor = try await LocalServer { _ in LocalServer.Reply() }
        let accounts = try makeAccounts(supervisor: supervisor.url)
        await #expect(throws: ControlPlaneError.signInRefused(Accounts.wrongPassword)) {
            _ = try await signIn(accounts, name, "of home assistant")
        }
        #expect(supervisor.requests.isEmpty)
    }

    @Test func aSessionEndsThirtyDaysAfterTheSignInEvenIfItIsUsed() async throws {
        let supervisor = try await LocalServer(Self.reply)
        let clock = WallClock()
        let accounts = try makeAccounts(supervisor: supervisor.url, now: { clock.now })
        let signedIn = try await signIn(accounts, "eve", "of home assistant")
        clock.advance(by: 29 * 86400)
        #expect(await accounts.identity(cookie: signedIn.cookie.exposed, bearer: nil) != nil)
        #expect(await accounts.stillHolds(signedIn.identity))
        clock.advance(by: 2 * 86400)
        #expect(await accounts.stillHolds(signedIn.identity) == false)
        #expect(await accounts.identity(cookie: signedIn.cookie.exposed, bearer: nil) == nil)
    }

    @Test func sessionsEndForGoodWhereHomeAssistantsUsersMayNotSignInAnyMore() async throws {
        let supervisor = try await LocalServer(Self.reply)
        let signedIn = try await signIn(try makeAccounts(supervisor: supervisor.url), "eve", "of home assistant")
        let off = try makeAccounts(supervisor: nil)
        #expect(await off.identity(cookie: signedIn.cookie.exposed, bearer: nil) == nil)
        await #expect(throws: ControlPlaneError.self) { _ = try await signIn(off, "eve", "of home assistant") }
        let on = try makeAccounts(supervisor: supervisor.url)
        #expect(await on.identity(cookie: signedIn.cookie.exposed, bearer: nil) == nil)
    }

    @Test func sessionsOfAnEarlierVersionAreKept() throws {
        let database = try DatabaseQueue(path: folder.path + "/old.sqlite")
        try StoreMigrations.migrator.migrate(database, upTo: "2: users, sessions and tokens")
        try database.write { db in
            try db.execute(sql: "INSERT INTO user VALUES ('u', 'eve', 'viewer', '', '')")
            try db.execute(sql: "INSERT INTO session VALUES ('s', 'u', 1, 2, 'a', 'b', 'c')")
        }
        try StoreMigrations.migrator.migrate(database)
        let sessions = try database.read(AccountRows.sessions)
        #expect(
            sessions == [
                Session(
                    id: "s", owner: .user("u"), createdAtUnix: 1, lastSeenAtUnix: 2, address: "a", userAgent: "b",
                    cookieHash: "c")
            ])
        try database.write { try AccountRows.deleteUser("u", in: $0) }
        #expect(try database.read(AccountRows.sessions).isEmpty, "it goes with its user")
    }
}
