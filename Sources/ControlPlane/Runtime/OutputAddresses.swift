import StreamModel

/// Makes the addresses of outputs, of what is known of the engine.
struct OutputAddresses {
    /// The name or address in the URLs.
    var host: String
    /// Nil while the engine does not run.
    var runningPorts: EnginePorts?
    var preferredPorts: EnginePorts
    var servesWebRTC: Bool
    /// Whether web players come by HTTPS.
    var isSecure = false
    /// Makes the addresses of pages for somebody who may watch an output.
    var playback: (ResolvedOutput) -> PlaybackAddress?

    /// What an output of a kind that the engine does not have says of itself.
    static let noWebRTC =
        "The built-in engine does not play WebRTC yet. Watch an HLS or RTSP output, or use MediaMTX as the engine."

    var engineIsRunning: Bool { runningPorts != nil }

    func urls(of transmission: Transmission) -> TransmissionURLs {
        let isServed = transmission.enabled && transmission.hostServerID == ServerID.local
        let outputs = transmission.resolvedOutputs.map { output in
            let problem = output.protocol == .webrtc && !servesWebRTC ? Self.noWebRTC : nil
            let urls = StreamURLs(
                path: output.enginePath, host: host, ports: runningPorts ?? preferredPorts, isSecure: isSecure)
            return TransmissionURLs.Output(
                outputID: output.outputID, protocol: output.protocol, resolvedEnginePath: output.enginePath,
                url: urls[output.protocol], requiresAuth: output.credentials != nil,
                authUsername: output.credentials?.username,
                problem: problem, playback: isServed && problem == nil ? playback(output) : nil)
        }
        var warnings: [String] = []
        if !engineIsRunning { warnings.append("Engine is not running. URLs are based on preferred ports.") }
        if !transmission.enabled { warnings.append("Transmission is disabled. Enable it to publish frames.") }
        if let problem = outputs.compactMap(\.problem).first { warnings.append(problem) }
        return TransmissionURLs(
            transmissionID: transmission.id, engineRunning: engineIsRunning, outputs: outputs, warnings: warnings)
    }
}
