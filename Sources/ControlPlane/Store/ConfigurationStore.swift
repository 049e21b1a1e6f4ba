import Dispatch
import Foundation
import GRDB
import StreamModel
import Synchronization

/// The database. Every change is checked and written in one transaction, so that nobody ever sees, and no crash ever
/// leaves, half of one.
///
/// Each commit is synced to the disk (`synchronous = FULL`): what was accepted survives a power cut, not only a kill.
final class ConfigurationStore: Sendable {
    let database: DatabaseQueue
    /// What the last commit left. Only the writer's own queue sets it, in the order of commits.
    private let cache: Mutex<StoredConfiguration>
    /// Why no change can be saved.
    private let readOnlyProblem: CodedMessage?
    private let onCommit: @Sendable () -> Void

    /// Events that are kept.
    static let eventLimit = 1000

    /// Opens or makes the database of a data directory. A copy of it is opened when the directory can't be written, because
    /// SQLite has to write even to read.
    ///
    /// - Parameter onCommit: called after each change, on any thread; it must not block.
    convenience init(
        in directory: DataDirectory, onCommit: @escaping @Sendable () -> Void = {}
    ) throws(StartupError) {
        guard let problem = directory.problem else {
            try self.init(path: directory.database, onCommit: onCommit)
            return
        }
        let copy = directory.runtime + "/copy.sqlite"
        for suffix in ["", "-wal", "-shm"] {
            unsafe unlink(copy + suffix)
            guard suffix != "-shm", unsafe access(directory.database + suffix, F_OK) == 0 else { continue }
            do {
                try FileManager.default.copyItem(atPath: directory.database + suffix, toPath: copy + suffix)
            } catch {
                throw StartupError("The database \(directory.database) can't be read: \(error.localizedDescription).")
            }
            // The copy is to be written, although the original may be read-only by its mode.
            unsafe chmod(copy + suffix, 0o600)
        }
        try self.init(path: copy, readOnlyProblem: problem, onCommit: onCommit)
    }

    /// Opens or makes the database. Blocks; belongs to the start-up.
    /// - Throws: ``StartupError`` when it can't be opened or is damaged; it is then left as it is.
    init(
        path: String, readOnlyProblem: CodedMessage? = nil, onCommit: @escaping @Sendable () -> Void = {}
    ) throws(StartupError) {
        self.readOnlyProblem = readOnlyProblem
        self.onCommit = onCommit
        do {
            try Self.restrictAccess(path)
            var configuration = GRDB.Configuration()
            configuration.journalMode = .wal
            configuration.busyMode = .timeout(5)
            let database = try DatabaseQueue(path: path, configuration: configuration)
            try database.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
            try database.read { db in
                let problem = try String.fetchOne(db, sql: "PRAGMA quick_check(1)")
                guard problem == "ok" else { throw StartupError(Self.damaged(path, problem ?? "it can't be checked")) }
            }
            let migrator = StoreMigrations.migrator
            if try database.read(migrator.hasBeenSuperseded) {
                throw StartupError(
                    "The database \(path) was written by a newer version of Toposync Streaming. Update the program, or "
                        + "choose another directory with --data-dir.")
            }
            try migrator.migrate(database)
            let stored = try database.read(StoreRows.read)
            self.database = database
            cache = Mutex(stored)
        } catch {
            throw Self.startupError(error, path)
        }
    }

    /// SQLite gives its `-wal` and `-shm` files the mode of the database, so that one is made first.
    private static func restrictAccess(_ path: String) throws(StartupError) {
        let file = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else {
            throw StartupError(
                unsafe "The database \(path) can't be opened for writing: \(String(cString: strerror(errno))).")
        }
        fchmod(file, 0o600)
        Foundation.close(file)
        for companion in ["-wal", "-shm"] { unsafe chmod(path + companion, 0o600) }
    }

    private static func damaged(_ path: String, _ reason: String) -> String {
        "The database \(path) is damaged (\(reason)). It was left as it is: restore it from a backup, or move it away to "
            + "start anew."
    }

    private static func startupError(_ error: any Error, _ path: String) -> StartupError {
        switch error {
        case let error as StartupError: return error
        case let error as DatabaseError where [.SQLITE_CORRUPT, .SQLITE_NOTADB].contains(error.resultCode):
            return StartupError(damaged(path, error.message ?? "it is no database"))
        case let error as DatabaseError:
            return StartupError(
                "The database \(path) can't be opened: \(error.message ?? error.resultCode.description).")
        default: return StartupError("The database \(path) can't be opened: \(error).")
        }
    }

    /// What is stored now.
    var current: StoredConfiguration { cache.withLock { $0 } }

    /// What the user should know of what is stored.
    var problems: [CodedMessage] { [readOnlyProblem].compactMap(\.self) + current.invalid.map(\.sentence) }

    /// Reads, changes and writes in one transaction.
    ///
    /// - Parameter change: alters the configuration; when it throws, nothing is changed.
    /// - Throws: what `change` throws as ``ControlPlaneError``, or ``ControlPlaneError/storeFailed(_:)``.
    @discardableResult
    func update<Result: Sendable>(
        _ change: @escaping @Sendable (inout StoredConfiguration) throws -> Result
    ) async throws(ControlPlaneError) -> Applied<Result> {
        do {
            return try await database.writeWithoutTransaction { [self] in try update($0, change) }
        } catch {
            throw Self.controlPlaneError(error)
        }
    }

    /// The same for the start-up: blocks.
    func updateBlocking(
        _ change: @escaping @Sendable (inout StoredConfiguration) throws -> Void
    ) throws(ControlPlaneError) {
        do {
            _ = try database.writeWithoutTransaction { [self] in try update($0, change) }
        } catch {
            throw Self.controlPlaneError(error)
        }
    }

    private func update<Result: Sendable>(
        _ db: Database, _ change: (inout StoredConfiguration) throws -> Result
    ) throws -> Applied<Result> {
        let old = current
        var new = old
        let result = try change(&new)
        guard new != old else { return Applied(result, revision: old.revision) }
        if let readOnlyProblem {
            throw ControlPlaneError.storeFailed(
                CodedMessage(
                    "store_read_only", "The change was not saved. \(readOnlyProblem.text)",
                    ["reason": readOnlyProblem.json]))
        }
        new.forgetInvalidReplaced(since: old)
        new.revision += 1
        try db.inTransaction {
            try StoreRows.write(new, replacing: old, in: db)
            return .commit
        }
        cache.withLock { $0 = new }
        onCommit()
        return Applied(result, revision: new.revision)
    }

    static func controlPlaneError(_ error: any Error) -> ControlPlaneError {
        switch error {
        case let error as ControlPlaneError: error
        case let error as ValidationError: .invalid(error)
        case let error as StreamingSettings.Conflict: .conflict(error.message)
        case let error as DatabaseError where error.resultCode == .SQLITE_FULL:
            .storeFailed(
                CodedMessage(
                    "disk_full", "The change could not be saved because the disk is full. Nothing was changed."))
        case let error as DatabaseError:
            .storeFailed(.notSaved(error.message ?? error.resultCode.description))
        default: .storeFailed(.notSaved("\(error)"))
        }
    }

    /// Adds to the event log and drops the oldest beyond ``eventLimit``.
    func record(kind: String, _ message: String) async {
        let event = StoredEvent(atUnix: Date().timeIntervalSince1970, kind: kind, message: message.redactingCredentials)
        // The log is a convenience: a full disk must not stop what it tells of.
        try? await database.write { try StoreRows.append(event, in: $0, limit: Self.eventLimit) }
    }

    /// The newest events, newest first.
    func events(limit: Int) async -> [StoredEvent] {
        (try? await database.read { try StoreRows.events(in: $0, limit: limit) }) ?? []
    }

    /// Writes the log into the database file and closes it.
    func close() async {
        // Closing waits for the writer, which is not for a thread of the cooperative pool.
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async { [database] in
                try? database.close()
                continuation.resume()
            }
        }
    }
}

extension CodedMessage {
    fileprivate static func notSaved(_ reason: String) -> Self {
        Self(
            "store_failed", "The change could not be saved: \(reason). Nothing was changed.",
            ["reason": .string(reason)])
    }
}
