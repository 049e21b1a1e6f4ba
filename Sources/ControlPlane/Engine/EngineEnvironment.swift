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

    /// Logs that are kept (contract B.5).
    static let keptLogs = 8

    var stale: StaleEngines { StaleEngines(configuration: directory.engineConfiguration) }

    func client(port: Int) -> EngineClient {
        EngineClient(port: port, user: builder.apiUser, password: builder.apiPassword)
    }
}
