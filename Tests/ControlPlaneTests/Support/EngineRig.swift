import Foundation
import Logging
import StreamModel
import Synchronization
import Testing

@testable import ControlPlane

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

/// An engine manager with a folder and a stand-in of its own.
final class EngineRig: Sendable {
    let manager: EngineManager
    let events: AsyncStream<EngineEvent>
    let goal: SharedGoal
    let environment: EngineEnvironment
    private let apiPort: Int
    /// How often stale engines were looked for.
    let searches = SearchCount()

    /// - Parameter writeFile: nil is the real one.
    init(
        _ folder: TemporaryFolder, _ behaviour: StandIn.Behaviour = .good, enginePath: String? = nil,
        writeFile: (@Sendable ([UInt8], String) throws(Errno) -> Void)? = nil
    ) throws {
        apiPort = try #require(PortAllocator.system(exposed: false).systemAssigned())
        var directory = DataDirectory(folder.path + "/data")
        try directory.prepare()
        let (events, sink) = AsyncStream<EngineEvent>.makeStream()
        self.events = events
        let goal = SharedGoal()
        self.goal = goal
        let executable = try StandIn.install(in: folder, behaviour)
        var environment = EngineEnvironment(
            directory: directory, executable: executable, enginePath: enginePath,
            builder: EngineConfigurationBuilder(
                apiUser: "u", apiPassword: Secret(RandomToken.hex(byteCount: 8)), reader: .random(),
                publishSecret: Array(0...31),
                demandHook: "true"),
            endpoint: EngineEndpoint(), logs: LogFiles(folder: directory.logs, prefix: "mediamtx", kept: 8))
        // The stand-in takes no port but its API's, so another program's engine must not get into its way.
        environment.ports = { _ in PortAllocator(isFree: { _, _ in true }, systemAssigned: { nil }) }
        environment.processes = { [searches] in
            searches.add()
            return StaleEngines.allProcesses()
        }
        if let writeFile { environment.writeFile = writeFile }
        self.environment = environment
        manager = EngineManager(
            environment: environment, logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
            events: sink, goal: { goal.current })
    }

    func want(_ transmissions: [String] = [], change: (inout EngineSettings) -> Void = { _ in }) async throws {
        var stored = StoredConfiguration()
        stored.settings.engine.enabled = true
        // Other tests run at the same time.
        stored.settings.engine.preferredPorts.api = apiPort
        change(&stored.settings.engine)
        stored.transmissions = try transmissions.map { try Sample.transmission($0) }
        goal.current = EngineGoal(stored)
        await manager.wake()
        await manager.settle()
    }

    /// Wants no engine any more.
    func wantNone() async {
        goal.current = nil
        await manager.wake()
        await manager.settle()
    }

    func status() async -> EngineStatus {
        await manager.status(goal.current?.settings ?? EngineSettings(), requestHost: nil)
    }

    var pid: Int? { get async { await manager.process?.pid } }
}

/// What the manager looks at; nil is no engine.
final class SharedGoal: Sendable {
    private let goal = Mutex<EngineGoal?>(nil)
    var current: EngineGoal? {
        get { goal.withLock { $0 } }
        set { goal.withLock { $0 = newValue } }
    }
}

/// Counts from any thread.
final class SearchCount: Sendable {
    private let count = Mutex(0)
    var value: Int { count.withLock { $0 } }
    func add() { count.withLock { $0 += 1 } }
}
