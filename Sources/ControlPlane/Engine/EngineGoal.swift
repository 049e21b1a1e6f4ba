import StreamModel

/// What the engine is to be.
struct EngineGoal: Hashable, Sendable {
    var settings: EngineSettings
    /// Those that are switched on and hosted here.
    var transmissions: [Transmission]
    /// What other programs may send to it.
    var inputs: [EngineInput]
    /// Addresses under which this machine is reached, as Supervisor knows them.
    var hostAddresses: [String]

    init(_ configuration: StoredConfiguration, hostAddresses: [String] = []) {
        settings = configuration.settings.engine
        transmissions = configuration.servedTransmissions
        inputs = configuration.inputs
        self.hostAddresses = hostAddresses
    }
}

extension StoredConfiguration {
    /// The transmissions that this server offers: switched on, and its own.
    var servedTransmissions: [Transmission] {
        transmissions.filter { $0.enabled && $0.hostServerID == ServerID.local }
    }
}
