import Foundation
import StreamModel

extension StreamingService {
    /// Where the outputs of a transmission are watched. Who asks is about to watch, so this also primes the demand.
    public func urls(
        transmissionID: String, requestHost: String?
    ) async throws(ControlPlaneError) -> TransmissionURLs {
        let transmission = try await transmission(id: transmissionID)
        await primeDemand(of: transmission)
        let settings = store.current.settings.engine
        let ports = endpoint.ports
        let host = settings.exposeToLAN ? requestHost ?? "127.0.0.1" : "127.0.0.1"
        var warnings: [String] = []
        if ports == nil { warnings.append("Engine is not running. URLs are based on preferred ports.") }
        if !transmission.enabled { warnings.append("Transmission is disabled. Enable it to publish frames.") }
        return TransmissionURLs(
            transmissionID: transmission.id, engineRunning: ports != nil,
            outputs: transmission.resolvedOutputs.map { output in
                let urls = StreamURLs(
                    path: output.enginePath, host: host, ports: ports ?? EnginePorts(settings.preferredPorts))
                return TransmissionURLs.Output(
                    outputID: output.outputID, protocol: output.protocol, resolvedEnginePath: output.enginePath,
                    url: urls[output.protocol], requiresAuth: output.credentials != nil,
                    authUsername: output.credentials?.username)
            },
            warnings: warnings)
    }

    /// Like ``urls(transmissionID:requestHost:)``, but 409 for a transmission of another server.
    public func internalURLs(
        transmissionID: String, requestHost: String?
    ) async throws(ControlPlaneError) -> TransmissionURLs {
        let transmission = try await transmission(id: transmissionID)
        guard transmission.hostServerID == ServerID.local else {
            throw .conflict(
                "Transmission is not hosted on this server. transmission_host_server_id='\(transmission.hostServerID)' "
                    + "server_id='\(ServerID.local)'")
        }
        return try await urls(transmissionID: transmissionID, requestHost: requestHost)
    }

    /// Who watches a transmission.
    public func demand(transmissionID: String) async throws(ControlPlaneError) -> DemandStatus {
        let transmission = try await transmission(id: transmissionID)
        guard transmission.hostServerID == ServerID.local else {
            return DemandStatus(
                transmissionID: transmission.id, demandSignal: false, viewerCountTotal: 0, outputs: [])
        }
        let viewers = await demandCoordinator.viewers
        let outputs = transmission.servedOutputs.map { output in
            DemandStatus.Output(
                outputID: output.outputID, outputKey: output.key,
                viewerCount: viewers[output.enginePath]?[output.protocol] ?? 0)
        }
        let total = outputs.reduce(0) { $0 + $1.viewerCount }
        return DemandStatus(
            transmissionID: transmission.id, demandSignal: total > 0, viewerCountTotal: total, outputs: outputs)
    }

    /// Starts the encoders of a transmission for somebody who is about to watch; they run for 60 s at least.
    public func prime(transmissionID: String) async throws(ControlPlaneError) -> PrimeResult {
        let transmission = try await transmission(id: transmissionID)
        let primed = await primeDemand(of: transmission)
        return PrimeResult(transmissionID: transmission.id, primed: primed > 0, primedOutputs: primed)
    }

    /// - Returns: how many encodings were primed: none when the engine or the transmission is switched off.
    @discardableResult
    private func primeDemand(of transmission: Transmission) async -> Int {
        guard store.current.settings.engine.enabled, transmission.enabled,
            transmission.hostServerID == ServerID.local
        else { return 0 }
        let outputs = transmission.servedOutputs
        await demandCoordinator.prime(Set(outputs.map(\.enginePath)))
        return Set(outputs.map(\.encoding)).count
    }

    /// How each output goes.
    public func runtimeOutputs() async -> RuntimeOutputs {
        let reporter = RuntimeReporter(
            stored: store.current, engineRunning: endpoint.ports != nil,
            engineError: await engine.lastError, viewers: await demandCoordinator.viewers,
            workers: await workers.states)
        return RuntimeOutputs(updatedAtUnix: Date().timeIntervalSince1970, outputs: reporter.outputs)
    }

    /// Everything that helps to find out what is wrong; free-form, without secrets.
    public func diagnostics() async -> JSONValue {
        let status = await engineStatus(requestHost: nil)
        let states = await workers.states
        let outputs = await runtimeOutputs().outputs
        return await Diagnostics.json(
            status: status, workers: states, outputs: outputs, wanted: demandCoordinator.wantedNow,
            primed: demandCoordinator.primedPaths, events: store.events(limit: Diagnostics.eventCount))
    }
}
