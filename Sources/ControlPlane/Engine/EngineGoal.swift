import StreamModel

/// What the engine is to be.
struct EngineGoal: Hashable, Sendable {
    var settings: EngineSettings
    /// Those that are switched on and hosted here.
    var transmissions: [Transmission]
    /// As ``Transmission/h264Paths(isCopyForced:)`` has them, of all transmissions. The built-in engine alone knows what they are for.
    var h264Paths: [String: String]
    /// What other programs may send to it.
    var inputs: [EngineInput]
    /// Addresses under which this machine is reached, as Supervisor knows them.
    var hostAddresses: [String]

    init(_ configuration: StoredConfiguration, hostAddresses: [String] = []) {
        settings = configuration.settings.engine
        transmissions = configuration.servedTransmissions
        h264Paths = configuration.h264Paths(of: transmissions)
        inputs = configuration.inputs
        self.hostAddresses = hostAddresses
    }

    /// As ``Transmission/lowerPaths`` has them, of all transmissions, and of ``h264Paths`` those that are H.264 as well.
    var lowerPaths: [String: String] {
        var paths = transmissions.reduce(into: [String: String]()) { paths, transmission in
            paths.merge(transmission.lowerPaths) { first, _ in first }
        }
        for (path, h264) in h264Paths {
            if let lower = paths[path] { paths[h264] = h264Paths[lower] ?? lower }
        }
        return paths
    }
}

extension StoredConfiguration {
    /// The transmissions that this server offers: switched on, and its own.
    var servedTransmissions: [Transmission] {
        transmissions.filter { $0.enabled && $0.hostServerID == ServerID.local }
    }

    /// As ``Transmission/h264Paths(isCopyForced:)`` has them.
    func h264Paths(of transmissions: [Transmission]) -> [String: String] {
        let forced = pipelines.filter(\.enabled).forcedCopies
        return transmissions.reduce(into: [:]) { paths, transmission in
            paths.merge(transmission.h264Paths(isCopyForced: forced.contains(transmission.id))) { first, _ in first }
        }
    }
}
