import StreamModel

/// Makes the addresses of outputs, of what is known of the engine.
struct OutputAddresses {
    /// The name or address in the URLs.
    var host: String
    /// Nil while the engine does not run.
    var runningPorts: EnginePorts?
    var preferredPorts: EnginePorts
    /// Whether web players come by HTTPS.
    var isSecure = false
    /// The port of RTSP by TLS; nil where the engine does not serve it.
    var rtspsPort: Int?
    /// How other machines reach the ports; nil where they do not, or by the same numbers.
    var mapping: HostNetwork.Facts?
    /// Makes the addresses of pages for somebody who may watch an output.
    var playback: (ResolvedOutput) -> PlaybackAddress?

    var engineIsRunning: Bool { runningPorts != nil }

    func urls(of transmission: Transmission) -> TransmissionURLs {
        let isServed = transmission.enabled && transmission.hostServerID == ServerID.local
        let outputs = transmission.resolvedOutputs.map { output in
            let ports = runningPorts ?? preferredPorts
            let problem = mapping?.problem(with: ports[output.protocol])
            let urls = StreamURLs(
                path: output.enginePath, host: host, ports: ports, isSecure: isSecure, rtspsPort: rtspsPort,
                mapping: mapping)
            return TransmissionURLs.Output(
                outputID: output.outputID, protocol: output.protocol, resolvedEnginePath: output.enginePath,
                url: urls[output.protocol], rtspsURL: output.protocol == .rtsp ? urls.rtsps : nil,
                requiresAuth: output.credentials != nil,
                authUsername: output.credentials?.username,
                problem: problem, playback: isServed ? playback(output) : nil)
        }
        var warnings: [CodedMessage] = []
        if !engineIsRunning {
            warnings.append(
                CodedMessage(
                    "addresses_without_engine", "Engine is not running. URLs are based on preferred ports."))
        }
        if !transmission.enabled { warnings.append(.transmissionOff) }
        if let problem = outputs.compactMap(\.problem).first { warnings.append(problem) }
        return TransmissionURLs(
            transmissionID: transmission.id, engineRunning: engineIsRunning, outputs: outputs, warnings: warnings)
    }
}

extension CodedMessage {
    /// What is said of a transmission that is switched off where it can be switched on.
    static let transmissionOff = CodedMessage(
        "transmission_off", "Transmission is disabled. Enable it to publish frames.")
}
