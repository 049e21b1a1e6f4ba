import Crypto
import Foundation
import GRDB
import Logging
import StreamModel

/// Who may use the server: users with passwords, the browsers that have signed in, and the tokens of programs.
///
/// Cookies and tokens are random and only their hashes are kept, so a copy of the database signs nobody in.
public actor Accounts {
    /// How long a browser stays signed in without being used. One of a user of Home Assistant, who does not tell us when that
    /// user is gone or has another password, stays so for as long after the sign-in.
    public static let sessionLifetime: Duration = .seconds(30 * 86400)
    /// Passwords that are checked at the same time: each takes 32 MiB.
    private static let checkLimit = 4
    /// Passwords that Home Assistant is asked about at the same time. It takes a second or two for each, and nobody who has a
    /// password of ours waits for it.
    private static let homeAssistantCheckLimit = 4
    static let sessionLimitPerUser = 50

    public nonisolated let mode: AccessMode
    /// Who signs in beside our own users; nil where there is no Home Assistant, or its users may not.
    public nonisolated let homeAssistant: HomeAssistantUsers?
    let database: DatabaseQueue
    let logger: Logger
    /// Called when somebody may do less than before, or nothing more; it must not block.
    let onWithdrawal: @Sendable () -> Void
    /// Seconds since 1970.
    let now: @Sendable () -> Double
    var users: [String: User] = [:]
    var sessions: [String: Session] = [:]
    var tokens: [String: AccessToken] = [:]
    private var throttle = SignInThrottle()
    private var checks = 0
    private var homeAssistantChecks = 0
    /// Sets the administrator's password, once; nil when there is an administrator or nobody is asked.
    private var setupCode: Secret?
    /// The time that tries to sign in are counted in. It goes on when a wall clock is set.
    private let uptime: @Sendable () -> Duration

    /// What a browser gets when it has signed in.
    public struct SignedIn: Sendable {
        public var identity: Identity
        /// The value of the cookie.
        public var cookie: Secret
    }

    /// Reads the accounts. Blocks; belongs to the start-up.
    ///
    /// - Parameter administratorPassword: the password that the user `admin` has from now on.
    /// - Throws: ``StartupError`` when the database can't be read or written.
    init(
        database: DatabaseQueue, mode: AccessMode, administratorPassword: Secret?,
        homeAssistant: HomeAssistantUsers? = nil, logger: Logger,
        onWithdrawal: @escaping @Sendable () -> Void = {},
        now: @escaping @Sendable () -> Double = { Date().timeIntervalSince1970 },
        uptime: (@Sendable () -> Duration)? = nil
    ) throws(StartupError) {
        self.database = database
        self.mode = mode
        self.homeAssistant = homeAssistant
        self.logger = logger
        self.onWithdrawal = onWithdrawal
        self.now = now
        let start = ContinuousClock.now
        self.uptime = uptime ?? { start.duration(to: .now) }
        do {
            var users = try database.read(AccountRows.users)
            if let administratorPassword {
                let old = users.first { $0.name.lowercased() == Self.administratorName }
                if old.map({ $0.role != .admin || !$0.password.matches(administratorPassword) }) ?? true {
                    let user = User(
                        id: old?.id ?? RandomToken.hex(byteCount: 8), name: Self.administratorName, role: .admin,
                        createdAt: old?.createdAt ?? Timestamp.format(Timestamp.now()),
                        password: try PasswordHash(of: administratorPassword))
                    try database.write { try AccountRows.write(user, in: $0) }
                    users = try database.read(AccountRows.users)
                }
            }
            self.users = Dictionary(uniqueKeysWithValues: users.map { ($0.id, $0) })
            let moment = now()
            let (sessions, tokens) = try database.read { (try AccountRows.sessions($0), try AccountRows.tokens($0)) }
            // For good: they are not to come back with the permission.
            let unwanted = homeAssistant == nil ? sessions.filter(\.isOfHomeAssistant).map(\.id) : []
            if !unwanted.isEmpty { try database.write { try AccountRows.deleteSessions(unwanted, in: $0) } }
            for session in sessions where !unwanted.contains(session.id) && !session.isOver(at: moment) {
                self.sessions[session.cookieHash] = session
            }
            for token in tokens { self.tokens[token.hash] = token }
            if mode == .account, !users.contains(where: { $0.role == .admin }) {
                setupCode = Secret(RandomToken.hex(byteCount: 16))
            }
        } catch {
            throw StartupError("The accounts can't be read from the database: \(error)")
        }
    }

    /// The administrator that the environment or the first start names.
    public static let administratorName = "admin"

    /// The code that sets the administrator's password; nil when it is set.
    public var pendingSetupCode: Secret? { setupCode }

    // MARK: Signing in

    static let wrongPassword = CodedMessage("sign_in_wrong", "The name or the password is wrong.")
    private static let manySignIn = CodedMessage(
        "sign_in_busy", "Several people are signing in at this moment. Try again.")

    /// Signs a browser in.
    ///
    /// - Parameters:
    ///   - address: of the browser; failures are counted by it.
    ///   - userAgent: what the list of sessions shows.
    public func signIn(
        name: String, password: Secret, address: String, userAgent: String
    ) async throws(ControlPlaneError) -> SignedIn {
        try throwIfThrottled(address)
        // Checking takes as long for a name that does not exist: the time tells no names.
        let user = users.values.first { $0.name.lowercased() == name.trimmed.lowercased() }
        let isRight = try await check(password, against: user?.password ?? Self.nobody)
        // Of tries that were looked at together, those after a failure came too early.
        try throwIfThrottled(address)
        if isRight, let user, let current = users[user.id], current.password == user.password {
            throttle.succeeded(address)
            return try await begin(.user(current.id), address: address, userAgent: userAgent)
        }
        // Counted before Home Assistant is asked, so that who guesses meanwhile, or while it is away, is slowed down as well.
        failed(address)
        guard let name = try await homeAssistantUser(name, password: password) else {
            // Not the name that was typed: people take the wrong field for their password.
            let known = user?.name ?? "unknown"
            logger.warning("sign-in refused", metadata: ["user": "\(known)", "address": "\(address)"])
            throw .signInRefused(Self.wrongPassword)
        }
        throttle.succeeded(address, wasCountedAsFailure: true)
        return try await begin(.homeAssistant(name), address: address, userAgent: userAgent)
    }

    /// The user of Home Assistant with this password, by name; nil when there is none.
    private func homeAssistantUser(_ name: String, password: Secret) async throws(ControlPlaneError) -> String? {
        guard let homeAssistant else { return nil }
        guard homeAssistantChecks < Self.homeAssistantCheckLimit else {
            throw .busy(Self.manySignIn)
        }
        homeAssistantChecks += 1
        defer { homeAssistantChecks -= 1 }
        do {
            return try await homeAssistant.name(signingInAs: name, password: password)
        } catch {
            logger.warning("Home Assistant can't be asked about a password. \(error)")
            throw .badGateway(
                CodedMessage(
                    "sign_in_home_assistant_silent",
                    "Home Assistant could not be asked whether this is the password. Try again in a moment, or sign in as a "
                        + "user of this server."))
        }
    }

    /// Sets the administrator's password with the code that the start printed, and signs the browser in.
    public func setUp(
        code: Secret, password: Secret, address: String, userAgent: String
    ) async throws(ControlPlaneError) -> SignedIn {
        guard let expected = setupCode else {
            throw .conflict(
                CodedMessage(
                    "sign_in_set_up_already", "The administrator's password is set already. Sign in with it."))
        }
        guard Self.hash(code.exposed) == Self.hash(expected.exposed) else {
            // Nobody guesses such a code, so whoever has the right one does not wait for those who try.
            try throwIfThrottled(address)
            failed(address)
            logger.warning("setup refused", metadata: ["address": "\(address)"])
            throw .signInRefused(
                CodedMessage(
                    "sign_in_old_code",
                    "This address was for another start of the server. Open the one that its log shows now."))
        }
        try Self.validate(password: password)
        // The code is good for one try at a time, and gone only when the password is stored.
        setupCode = nil
        do {
            let user = try await store(
                User(
                    id: RandomToken.hex(byteCount: 8), name: Self.administratorName, role: .admin,
                    createdAt: Timestamp.format(Timestamp.now()), password: try await hashed(password)))
            return try await begin(.user(user.id), address: address, userAgent: userAgent)
        } catch {
            // Unless the password is stored, and only the signing in failed.
            if !users.values.contains(where: { $0.role == .admin }) { setupCode = expected }
            throw error
        }
    }

    private func begin(
        _ owner: Session.Owner, address: String, userAgent: String
    ) async throws(ControlPlaneError) -> SignedIn {
        let cookie = RandomToken.hex(byteCount: 32)
        let moment = now()
        let session = Session(
            id: RandomToken.hex(byteCount: 8), owner: owner, createdAtUnix: moment, lastSeenAtUnix: moment,
            address: address, userAgent: String(userAgent.prefix(200)), cookieHash: Self.hash(cookie))
        guard let identity = identity(of: session) else {
            throw .signInRefused(CodedMessage("sign_in_user_deleted", "This user was deleted."))
        }
        let superfluous = sessions.values.filter { $0.owner == owner }
            .sorted { $0.lastSeenAtUnix > $1.lastSeenAtUnix }.dropFirst(Self.sessionLimitPerUser - 1)
        try await write {
            try AccountRows.write(session, in: $0)
            try AccountRows.deleteSessions(superfluous.map(\.id), in: $0)
        }
        for old in superfluous { sessions[old.cookieHash] = nil }
        if !superfluous.isEmpty { onWithdrawal() }
        sessions[session.cookieHash] = session
        audit(session.isOfHomeAssistant ? "signed in with Home Assistant" : "signed in", identity.name, address)
        return SignedIn(identity: identity, cookie: Secret(cookie))
    }

    private func throwIfThrottled(_ address: String) throws(ControlPlaneError) {
        let delay = throttle.delay(of: address, isKnown: isKnown(address), now: uptime())
        guard delay > .zero else { return }
        throw .mustWait(delay)
    }

    /// Whether a browser that is still signed in did so from there, or it is this machine.
    private func isKnown(_ address: String) -> Bool {
        let client = SignInThrottle.Client(address)
        return client.isLoopback || sessions.values.contains { SignInThrottle.Client($0.address) == client }
    }

    private func failed(_ address: String) { throttle.failed(address, now: uptime()) }

    // MARK: Passwords

    /// A hash that no password has, to be checked in place of one that does not exist.
    private static let nobody = PasswordHash(
        stored: "$scrypt$ln=15,r=8,p=1$AAAAAAAAAAAAAAAAAAAAAA==$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")

    private func check(_ password: Secret, against hash: PasswordHash) async throws(ControlPlaneError) -> Bool {
        try await hashing { hash.matches(password) }
    }

    func hashed(_ password: Secret) async throws(ControlPlaneError) -> PasswordHash {
        try await hashing { try PasswordHash(of: password) }
    }

    /// Runs one of a few hashings on a thread that may be busy.
    private func hashing<Result: Sendable>(
        _ work: @escaping @Sendable () throws -> Result
    ) async throws(ControlPlaneError) -> Result {
        guard checks < Self.checkLimit else {
            throw .busy(Self.manySignIn)
        }
        checks += 1
        defer { checks -= 1 }
        do {
            return try await BlockingWork.run(work)
        } catch {
            throw .storeFailed(
                CodedMessage(
                    "password_not_checked", "The password could not be checked: \(error).",
                    ["reason": .string("\(error)")]))
        }
    }

    static func validate(password: Secret) throws(ControlPlaneError) {
        guard password.exposed.count >= 8 else {
            throw .invalid(
                ValidationError(
                    CodedMessage(
                        "password_too_short", "Choose a password of at least 8 characters.", ["minimum": 8]),
                    at: ["body", "password"]))
        }
        guard password.exposed.utf8.count <= 1024 else {
            throw .invalid(
                ValidationError(
                    CodedMessage(
                        "password_too_long", "Choose a password of at most 1024 bytes.", ["maximum": 1024]),
                    at: ["body", "password"]))
        }
    }

    // MARK: Storing

    static func hash(_ text: String) -> String {
        SHA256.hash(data: Data(text.utf8)).hexadecimal
    }

    /// Puts a user into the memory and the database. The memory comes first: what else happens while the disk is written has to
    /// see it, or two administrators could demote each other.
    @discardableResult
    func store(_ user: User) async throws(ControlPlaneError) -> User {
        try await change(user.id, to: user) { try AccountRows.write(user, in: $0) }
        if user.role == .admin { setupCode = nil } else { onWithdrawal() }
        return user
    }

    /// As ``store(_:)``, with the user's sessions.
    func remove(userID: String) async throws(ControlPlaneError) {
        try await change(userID, to: nil) { try AccountRows.deleteUser(userID, in: $0) }
        sessions = sessions.filter { $0.value.owner != .user(userID) }
        onWithdrawal()
    }

    private func change(
        _ userID: String, to user: User?, _ change: @escaping @Sendable (Database) throws -> Void
    ) async throws(ControlPlaneError) {
        let before = users[userID]
        users[userID] = user
        do {
            try await write(change)
        } catch {
            users[userID] = before
            throw error
        }
    }

    func write(_ change: @escaping @Sendable (Database) throws -> Void) async throws(ControlPlaneError) {
        do {
            try await database.write(change)
        } catch let error as DatabaseError where error.resultCode == .SQLITE_CONSTRAINT {
            throw .conflict(CodedMessage("name_taken", "This name is taken. Choose another."))
        } catch {
            throw ConfigurationStore.controlPlaneError(error)
        }
    }

    /// One line for what changes who may do what; never with a secret.
    func audit(_ what: String, _ name: String, _ address: String? = nil) {
        var metadata: Logger.Metadata = ["user": "\(name)"]
        if let address { metadata["address"] = "\(address)" }
        logger.notice("\(what)", metadata: metadata)
    }
}
