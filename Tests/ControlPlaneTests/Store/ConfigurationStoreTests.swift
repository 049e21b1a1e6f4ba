import Foundation
import GRDB
import StreamModel
import Testing

@testable import ControlPlane

@Suite struct ConfigurationStoreTests {
    private let folder = TemporaryFolder()
    private var path: String { folder.path + "/x.sqlite" }

    @Test func everythingSurvivesAReopening() async throws {
        let store = try ConfigurationStore(path: path)
        #expect(store.current.isEmpty)
        let a = try Sample.transmission("a", outputs: [["id": "o", "protocol": "hls", "my_note": "kept"]])
        let b = try Sample.transmission("b")
        let camera = try Sample.camera("cam", url: "rtsp://user:pa%24s@host/1")
        let pipeline = try Sample.pipeline("p", into: ["a"])
        try await store.update { stored in
            stored.settings.engine.enabled = true
            stored.settings.unknownFields = ["theirs": 1]
            stored.transmissions = [b, a]
            stored.cameras = [camera]
            stored.pipelines = [pipeline]
        }
        await store.record(kind: "engine", "It stopped at rtsp://u:hunter2@h/1.")
        await store.close()
        let again = try ConfigurationStore(path: path)
        #expect(again.current.transmissions.map(\.id) == ["b", "a"])
        #expect(again.current.transmissions[1].outputs[0].unknownFields == ["my_note": "kept"])
        #expect(again.current.settings.engine.enabled)
        #expect(again.current.settings.unknownFields == ["theirs": 1])
        #expect(again.current.cameras[0].password == Secret("pa$s"))
        #expect(again.current.pipelines[0].graph == pipeline.graph)
        #expect(await again.events(limit: 5).map(\.message) == ["It stopped at rtsp://••••@h/1."])
    }

    @Test func removalsAndReorderingsAreWritten() async throws {
        let store = try ConfigurationStore(path: path)
        let all = try ["a", "b", "c"].map { try Sample.transmission($0) }
        try await store.update { $0.transmissions = all }
        try await store.update { $0.transmissions = [all[2], all[0]] }
        #expect(try ConfigurationStore(path: path).current.transmissions.map(\.id) == ["c", "a"])
    }

    @Test func aChangeThatFailsChangesNothing() async throws {
        let store = try ConfigurationStore(path: path)
        let a = try Sample.transmission("a")
        try await store.update { $0.transmissions = [a] }
        let before = store.current
        await #expect(throws: ControlPlaneError.conflict(.freeText("x"))) {
            try await store.update { stored in
                stored.transmissions = []
                throw ControlPlaneError.conflict(.freeText("x"))
            }
        }
        #expect(store.current == before)
        #expect(try ConfigurationStore(path: path).current.transmissions.map(\.id) == ["a"])
    }

    @Test func aWriteThatFailsChangesNothing() async throws {
        let store = try ConfigurationStore(path: path)
        let a = try Sample.transmission("a")
        let other = try DatabaseQueue(path: path)
        try await other.write { db in
            try db.execute(
                sql: """
                    CREATE TRIGGER no_cameras BEFORE INSERT ON camera BEGIN SELECT RAISE(ABORT, 'disk trouble'); END
                    """)
        }
        let camera = try Sample.camera("c")
        // The transmission is written before the camera is refused.
        let error = await #expect(throws: ControlPlaneError.self) {
            try await store.update { stored in
                stored.transmissions = [a]
                stored.cameras = [camera]
            }
        }
        #expect(error?.description == "The change could not be saved: disk trouble. Nothing was changed.")
        #expect(store.current.isEmpty)
        #expect(try ConfigurationStore(path: path).current.isEmpty)
    }

    @Test func onlyTheUserMayReadIt() async throws {
        let old = umask(0)
        defer { umask(old) }
        let store = try ConfigurationStore(path: path)
        let a = try Sample.transmission("a")
        try await store.update { $0.transmissions = [a] }
        for name in ["x.sqlite", "x.sqlite-wal", "x.sqlite-shm"] { #expect(try folder.mode(name) == 0o600, "\(name)") }
    }

    @Test func aDamagedDatabaseIsLeftAsItIs() throws {
        let text = String(repeating: "this is no database ", count: 500)
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        let error = #expect(throws: StartupError.self) { try ConfigurationStore(path: path) }
        #expect(error?.description.contains("is damaged") == true)
        #expect(try String(contentsOfFile: path, encoding: .utf8) == text)
    }

    @Test func aDatabaseOfANewerVersionIsNotTouched() async throws {
        let database = try DatabaseQueue(path: path)
        var migrator = StoreMigrations.migrator
        migrator.registerMigration("999: from the future") { _ in }
        try migrator.migrate(database)
        try database.close()
        let error = #expect(throws: StartupError.self) { try ConfigurationStore(path: path) }
        #expect(error?.description.contains("newer version") == true)
    }

    @Test func everyCommitIsSynced() async throws {
        let store = try ConfigurationStore(path: path)
        let (journal, synchronous) = try await store.database.read { db in
            (try String.fetchOne(db, sql: "PRAGMA journal_mode"), try Int.fetchOne(db, sql: "PRAGMA synchronous"))
        }
        #expect(journal == "wal")
        // 2 is FULL (sqlite.org/pragma.html#pragma_synchronous).
        #expect(synchronous == 2)
    }

    @Test func theEventLogIsBounded() async throws {
        let store = try ConfigurationStore(path: path)
        for number in 0..<(ConfigurationStore.eventLimit + 5) { await store.record(kind: "t", "\(number)") }
        let events = await store.events(limit: 5000)
        #expect(events.count == ConfigurationStore.eventLimit)
        #expect(events.first?.message == "\(ConfigurationStore.eventLimit + 4)")
    }
}

@Suite struct DataDirectoryTests {
    @Test func aSecondServerIsToldOfTheFirst() throws {
        let folder = TemporaryFolder()
        var directory = DataDirectory(folder.path)
        try directory.prepare()
        var first: DataDirectoryLock? = try DataDirectoryLock(directory)
        let error = #expect(throws: StartupError.self) { try DataDirectoryLock(directory) }
        #expect(error?.description.contains("(process \(getpid()))") == true)
        _ = first
        first = nil
        _ = try DataDirectoryLock(directory)
    }

    @Test func theFoldersAreMadeForThisUserAlone() throws {
        let folder = TemporaryFolder()
        var directory = DataDirectory(folder.path + "/new/")
        try directory.prepare()
        #expect(directory.root == folder.path + "/new")
        for name in ["new", "new/runtime", "new/runtime/streaming", "new/runtime/streaming/logs"] {
            #expect(try folder.mode(name) == 0o700)
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.root) == ["runtime"])
    }

    @Test(arguments: ["/proc/nothing-can-be-made-here", "/dev/null/below-a-file"])
    func aFolderThatCannotBeWrittenIsNamed(path: String) {
        let error = #expect(throws: StartupError.self) {
            var directory = DataDirectory(path)
            try directory.prepare()
        }
        #expect(error?.description.hasPrefix("The data directory \(path) can't be written: ") == true)
        #expect(error?.description.contains("--data-dir") == true)
    }

    @Test func thePublishSecretIsMadeOnceAndKeptPrivate() throws {
        let folder = TemporaryFolder()
        let path = folder.path + "/publish-secret.key"
        let secret = try PublishSecret.load(path)
        #expect(secret.count == 32)
        #expect(try PublishSecret.load(path) == secret)
        #expect(try folder.mode("publish-secret.key") == 0o600)
        // A file that was cut short by a full disk is no secret.
        try Data([1, 2]).write(to: URL(filePath: path))
        #expect(try PublishSecret.load(path).count == 32)
    }
}
