import StreamModel

/// What the engine is to be.
struct EngineGoal: Hashable, Sendable {
    var settings: EngineSettings
    /// Those that are switched on and hosted here.
    var transmissions: [Transmission]

    init(_ configuration: StoredConfiguration) {
        settings = configuration.settings.engine
        transmissions = configuration.servedTransmissions
    }
}

extension StoredConfiguration {
    /// The transmissions that this server offers: switched on, and its own.
    var servedTransmissions: [Transmission] {
        transmissions.filter { $0.enabled && $0.hostServerID == ServerID.local }
    }
}
