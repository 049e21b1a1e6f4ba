import Foundation
import GRDB
import Logging
import StreamModel
import Synchronization
import Testing

@testable import ControlPlane

@Suite("Accounts")
struct AccountsTests {
    private let folder = TemporaryFolder()
    private let store: ConfigurationStore

    init() throws { store = try ConfigurationStore(path: folder.path + "/accounts.sqlite") }

    private static var quiet: Logger { Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }) }

    private func makeAccounts(
        mode: AccessMode = .account, password: String? = "correct horse",
        logger: Logger = Self.quiet, now: @escaping @Sendable () -> Double = { 1_000_000 },
        uptime: (@Sendable () -> Duration)? = nil, onWithdrawal: @escaping @Sendable () -> Void = {}
    ) throws -> Accounts {
        try Accounts(
            database: store.database, mode: mode, administratorPassword: password.map { Secret($0) },
            logger: logger, onWithdrawal: onWithdrawal, now: now, uptime: uptime)
    }

    @Test("Whoever may do nothing more, or less, is told of at once")
    func withdrawal() async throws {
        let withdrawals = Mutex(0)
        let accounts = try makeAccounts(onWithdrawal: { withdrawals.withLock { $0 += 1 } })
        func expectWithdrawal(
            of identity: Identity, _ what: String, by change: () async throws -> Void
        ) async throws {
            #expect(await accounts.stillHolds(identity))
            #expect(await accounts.stillHolds(identity.origin))
            let before = withdrawals.withLock { $0 }
            try await change()
            #expect(withdrawals.withLock { $0 } > before, "\(what)")
            #expect(await !accounts.stillHolds(identity), "\(what)")
        }
        func user(_ name: String) async throws -> User {
            try await accounts.createUser(
                ["name": .string(name), "password": "a password", "role": "admin"])
        }
        func signIn(_ name: String) async throws -> Identity {
            try await accounts.signIn(
                name: name, password: Secret("a password"), address: "192.0.2.1", userAgent: ""
            ).identity
        }
        let ann = try await user("ann")
        try await expectWithdrawal(of: try await signIn("ann"), "a session") {
            let id = try #require(await accounts.listSessions(current: Identity.open).first?["id"]?.stringValue)
            try await accounts.endSession(id: id)
        }
        let demoted = try await signIn("ann")
        try await expectWithdrawal(of: demoted, "a role") {
            _ = try await accounts.replaceUser(id: ann.id, ["name": "ann", "role": "viewer"])
        }
        #expect(await accounts.stillHolds(demoted.origin), "who may do less is still known")
        try await expectWithdrawal(of: try await signIn("ann"), "a password") {
            _ = try await accounts.replaceUser(
                id: ann.id, ["name": "ann", "role": "viewer", "password": "another one"])
        }
        let bob = try await user("bob")
        let gone = try await signIn("bob")
        try await expectWithdrawal(of: gone, "a user") { try await accounts.deleteUser(id: bob.id) }
        #expect(await !accounts.stillHolds(gone.origin))
        let (token, text) = try await accounts.createToken(["name": "grafana", "role": "viewer"])
        let program = try #require(await accounts.identity(cookie: nil, bearer: text.exposed))
        try await expectWithdrawal(of: program, "a token") { try await accounts.deleteToken(id: token.id) }
        #expect(await !accounts.stillHolds(Identity.Origin.open), "where everybody has to sign in, nobody is nobody")
    }

    @Test("A browser that signs in is known by its cookie, also after a restart, and not by what the database holds")
    func signIn() async throws {
        let accounts = try makeAccounts()
        let signedIn = try await accounts.signIn(
            name: "Admin", password: Secret("correct horse"), address: "192.0.2.1", userAgent: "test")
        #expect(signedIn.identity.role == .admin)
        let restarted = try makeAccounts(password: nil)
        #expect(await restarted.identity(cookie: signedIn.cookie.exposed, bearer: nil)?.name == "admin")
        let stored = try await store.database.read { try String.fetchAll($0, sql: "SELECT cookie_hash FROM session") }
        #expect(await restarted.identity(cookie: stored.first, bearer: nil) == nil)
        #expect(await restarted.pendingSetupCode == nil)
    }

    @Test("A wrong password and a name that does not exist are refused alike")
    func wrongPassword() async throws {
        let accounts = try makeAccounts()
        for name in ["admin", "nobody"] {
            await #expect(throws: ControlPlaneError.signInRefused(Accounts.wrongPassword)) {
                _ = try await accounts.signIn(
                    name: name, password: Secret("wrong"), address: "192.0.2.1", userAgent: "")
            }
        }
    }

    @Test("Guessing is slowed down for its address, and even the right password waits; others sign in")
    func guessing() async throws {
        let accounts = try makeAccounts()
        for _ in 0..<SignInThrottle.freeFailures {
            _ = try? await accounts.signIn(
                name: "admin", password: Secret("wrong"), address: "192.0.2.1", userAgent: "")
        }
        await #expect(throws: ControlPlaneError.self) {
            _ = try await accounts.signIn(
                name: "admin", password: Secret("correct horse"), address: "192.0.2.1", userAgent: "")
        }
        _ = try await accounts.signIn(
            name: "admin", password: Secret("correct horse"), address: "192.0.2.2", userAgent: "")
    }

    @Test("The code of the first start sets the administrator's password once")
    func setUp() async throws {
        let accounts = try makeAccounts(password: nil)
        let code = try #require(await accounts.pendingSetupCode)
        await #expect(throws: ControlPlaneError.self) {
            _ = try await accounts.setUp(
                code: Secret("guess"), password: Secret("a password"), address: "192.0.2.1", userAgent: "")
        }
        await #expect(throws: ControlPlaneError.self, "too short") {
            _ = try await accounts.setUp(code: code, password: Secret("short"), address: "192.0.2.1", userAgent: "")
        }
        let signedIn = try await accounts.setUp(
            code: code, password: Secret("a password"), address: "192.0.2.1", userAgent: "")
        #expect(await accounts.identity(cookie: signedIn.cookie.exposed, bearer: nil)?.role == .admin)
        await #expect(throws: ControlPlaneError.self, "the code is used up") {
            _ = try await accounts.setUp(
                code: code, password: Secret("another one"), address: "192.0.2.1", userAgent: "")
        }
        _ = try await accounts.signIn(
            name: "admin", password: Secret("a password"), address: "192.0.2.1", userAgent: "")
    }

    @Test("Whoever has the code of the first start need not wait for those who guess it")
    func setUpWhileOthersGuess() async throws {
        let accounts = try makeAccounts(password: nil)
        let code = try #require(await accounts.pendingSetupCode)
        for _ in 0..<SignInThrottle.freeFailures {
            _ = try? await accounts.setUp(
                code: Secret("guess"), password: Secret("a password"), address: "192.0.2.1", userAgent: "")
        }
        let refused = await #expect(throws: ControlPlaneError.self) {
            try await accounts.setUp(
                code: Secret("guess"), password: Secret("a password"), address: "192.0.2.1", userAgent: "")
        }
        guard case .tooManyTries = refused else {
            Issue.record("\(String(describing: refused))")
            return
        }
        _ = try await accounts.setUp(
            code: code, password: Secret("a password"), address: "192.0.2.1", userAgent: "")
    }

    @Test("A code whose password is stored is used up, also when the browser could not be signed in")
    func setUpWithoutSession() async throws {
        let accounts = try makeAccounts(password: nil)
        let code = try #require(await accounts.pendingSetupCode)
        try await store.database.write {
            try $0.execute(sql: "CREATE TRIGGER full BEFORE INSERT ON session BEGIN SELECT RAISE(FAIL, 'full'); END")
        }
        await #expect(throws: ControlPlaneError.self) {
            _ = try await accounts.setUp(
                code: code, password: Secret("a password"), address: "192.0.2.1", userAgent: "")
        }
        #expect(await accounts.pendingSetupCode == nil)
        try await store.database.write { try $0.execute(sql: "DROP TRIGGER full") }
        _ = try await accounts.signIn(
            name: "admin", password: Secret("a password"), address: "192.0.2.1", userAgent: "")
    }

    @Test("Guessing from many addresses does not shut out who has signed in from the own address before")
    func knownAddress() async throws {
        // No time passes, so that the wait goes on.
        let accounts = try makeAccounts(password: nil, uptime: { .zero })
        let code = try #require(await accounts.pendingSetupCode)
        func setUp(_ code: Secret, from address: String) async throws {
            _ = try await accounts.setUp(
                code: code, password: Secret("a password"), address: address, userAgent: "")
        }
        for index in 0..<SignInThrottle.freeFailuresInAll {
            try? await setUp(Secret("guess"), from: "198.51.100.\(index)")
        }
        try await setUp(code, from: "2001:db8:1::1")
        func signIn(from address: String) async throws {
            _ = try await accounts.signIn(
                name: "admin", password: Secret("a password"), address: address, userAgent: "")
        }
        await #expect(throws: ControlPlaneError.self) { try await signIn(from: "203.0.113.1") }
        try await signIn(from: "2001:db8:1::2")
        try await signIn(from: "127.0.0.1")
    }

    /// Keeps what is logged.
    private struct Log: LogHandler {
        final class Lines: Sendable {
            let text = Mutex("")
        }

        let lines: Lines
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace
        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            lines.text.withLock { $0 += "\(event.message) \(event.metadata ?? [:])\n" }
        }
    }

    @Test("A password that was typed in place of the name is not logged")
    func passwordAsName() async throws {
        let lines = Log.Lines()
        let accounts = try makeAccounts(logger: Logger(label: "test") { _ in Log(lines: lines) })
        for name in ["correct horse", "Admin"] {
            _ = try? await accounts.signIn(name: name, password: Secret("wrong"), address: "192.0.2.1", userAgent: "")
        }
        let text = lines.text.withLock { $0 }
        #expect(text.contains("refused") && text.contains("admin") && !text.contains("correct horse"))
    }

    @Test("A session ends 30 days after its last use, by signing out, by a new password and with its user")
    func sessionEnds() async throws {
        let clock = WallClock()
        let accounts = try makeAccounts(now: { clock.now })
        func session(_ name: String, _ password: String) async throws -> Accounts.SignedIn {
            try await accounts.signIn(name: name, password: Secret(password), address: "a", userAgent: "")
        }
        let first = try await session("admin", "correct horse")
        clock.advance(by: 29 * 86400)
        #expect(await accounts.identity(cookie: first.cookie.exposed, bearer: nil) != nil)
        clock.advance(by: 29 * 86400)
        #expect(await accounts.identity(cookie: first.cookie.exposed, bearer: nil) != nil, "use renews it")
        clock.advance(by: 31 * 86400)
        #expect(await accounts.identity(cookie: first.cookie.exposed, bearer: nil) == nil)

        let user = try await accounts.createUser(["name": "eve", "password": "password 1", "role": "viewer"])
        let second = try await session("eve", "password 1")
        #expect(second.identity.role == .viewer)
        _ = try await accounts.replaceUser(
            id: user.id, ["name": "eve", "password": "password 2", "role": "viewer"])
        #expect(await accounts.identity(cookie: second.cookie.exposed, bearer: nil) == nil)
        let third = try await session("eve", "password 2")
        try await accounts.deleteUser(id: user.id)
        #expect(await accounts.identity(cookie: third.cookie.exposed, bearer: nil) == nil)
        #expect(try await store.database.read { try Int.fetchOne($0, sql: "SELECT COUNT(*) FROM session") } == 1)
    }

    @Test("The last administrator can be neither deleted nor made a viewer")
    func lastAdministrator() async throws {
        let accounts = try makeAccounts()
        let admin = try #require(await accounts.listUsers().first)
        await #expect(throws: ControlPlaneError.self) { try await accounts.deleteUser(id: admin.id) }
        await #expect(throws: ControlPlaneError.self) {
            _ = try await accounts.replaceUser(id: admin.id, ["name": "admin", "role": "viewer"])
        }
        await #expect(throws: ControlPlaneError.self, "names differ by more than case") {
            _ = try await accounts.createUser(["name": "ADMIN", "password": "password 1", "role": "viewer"])
        }
    }

    @Test("Two administrators who make each other viewers at the same moment leave one")
    func administratorsDemoteEachOther() async throws {
        let accounts = try makeAccounts()
        _ = try await accounts.createUser(["name": "eve", "password": "password 1", "role": "admin"])
        await withTaskGroup { group in
            for user in await accounts.listUsers() {
                group.addTask {
                    _ = try? await accounts.replaceUser(id: user.id, ["name": .string(user.name), "role": "viewer"])
                }
            }
        }
        #expect(await accounts.listUsers().count { $0.role == .admin } == 1)
        #expect(try await store.database.read(AccountRows.users).count { $0.role == .admin } == 1)
    }

    @Test("A token is shown once, works with its role, and is refused when it is deleted")
    func tokens() async throws {
        let accounts = try makeAccounts()
        let made = try await accounts.createToken(["name": "prometheus", "role": "viewer"])
        #expect(await accounts.identity(cookie: nil, bearer: made.text.exposed)?.role == .viewer)
        #expect(!String(decoding: made.token.json.data, as: UTF8.self).contains(made.text.exposed))
        let restarted = try makeAccounts(password: nil)
        #expect(await restarted.identity(cookie: nil, bearer: made.text.exposed)?.name == "prometheus")
        try await accounts.deleteToken(id: made.token.id)
        #expect(await accounts.identity(cookie: nil, bearer: made.text.exposed) == nil)
    }

    @Test("Where nobody is asked, everybody is an administrator")
    func open() async throws {
        let accounts = try makeAccounts(mode: .open, password: nil)
        #expect(await accounts.identity(cookie: nil, bearer: nil) == .open)
        #expect(await accounts.pendingSetupCode == nil)
    }
}
