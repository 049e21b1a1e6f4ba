#if canImport(System)
    import System
#else
    import SystemPackage
#endif

/// What an engine is started with that does not depend on the settings.
struct EngineEnvironment: Sendable {
    var directory: DataDirectory
    /// Our own program.
    var executable: String
    /// A MediaMTX binary or a folder with one.
    var enginePath: String?
    var builder: EngineConfigurationBuilder
    var endpoint: EngineEndpoint
    var logs: LogFiles
    /// Nil where MediaMTX is never downloaded.
    var installer: EngineInstaller?
    /// What Supervisor tells of this machine.
    var hostNetwork: HostNetwork?
    /// - Parameter exposed: whether the ports are for every address.
    var ports: @Sendable (_ exposed: Bool) -> PortAllocator = {
        .system(exposed: $0).claiming(PortClaims())
    }

    /// Writes the engine's file.
    var writeFile: @Sendable (_ bytes: [UInt8], _ path: String) throws(Errno) -> Void = { bytes, path throws(Errno) in
        try PrivateFile.write(bytes, to: path)
    }

    /// The numbers of all processes of this machine, among which stale engines are looked for.
    var processes: @Sendable () -> [Int] = StaleEngines.allProcesses

    /// Logs that are kept (contract B.5).
    static let keptLogs = 8

    var stale: StaleEngines {
        StaleEngines(
            configuration: directory.engineConfiguration,
            suppliedProgram: enginePath.flatMap(EngineProgram.binary(at:)),
            processes: processes)
    }

    func client(port: Int) -> EngineClient {
        EngineClient(port: port, user: builder.apiUser, password: builder.apiPassword)
    }
}
