import Logging

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
    /// - Parameter exposed: whether the ports are for every address.
    var ports: @Sendable (_ exposed: Bool) -> PortAllocator = { .system(exposed: $0) }

    /// Writes the engine's file.
    var writeFile: @Sendable (_ bytes: [UInt8], _ path: String) throws(Errno) -> Void = { bytes, path throws(Errno) in
        try PrivateFile.write(bytes, to: path)
    }

    /// Logs that are kept (contract B.5).
    static let keptLogs = 8

    var stale: StaleEngines {
        StaleEngines(
            configuration: directory.engineConfiguration, suppliedProgram: enginePath.flatMap(EngineProgram.binary(at:))
        )
    }

    /// The log of the next engine. On a disk that takes no new file an engine runs without one.
    func createLog(_ logger: Logger) throws -> LogFile {
        do throws(Errno) {
            return try logs.create()
        } catch {
            logger.warning("The engine's log can't be made.", metadata: ["reason": "\(error)"])
            return try .discarded()
        }
    }

    func client(port: Int) -> EngineClient {
        EngineClient(port: port, user: builder.apiUser, password: builder.apiPassword)
    }
}
