import StreamModel

/// The ports that the engine has or had, which it gets again while they are free: addresses that people have copied
/// stay right.
struct KeptPorts: Sendable {
    private var assignment: PortAssignment?
    private var exposed = false

    /// Chooses those of the next start.
    mutating func assign(
        for settings: EngineSettings, by allocator: PortAllocator, choosesWebRTCMedia: Bool, usesTLS: Bool,
        usesInputs: Bool
    ) throws(PortError) -> PortAssignment {
        // A port that is free on loopback may be taken on another address.
        let kept = exposed == settings.exposeToLAN ? assignment : nil
        let ports = try allocator.assign(
            preferred: settings.preferredPorts, kept: kept, choosesWebRTCMedia: choosesWebRTCMedia,
            usesTLS: usesTLS, usesInputs: usesInputs)
        assignment = ports
        exposed = settings.exposeToLAN
        return ports
    }

    /// The next start chooses anew.
    mutating func forget() { assignment = nil }
}
