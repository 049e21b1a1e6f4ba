import StreamModel

/// Tells for each output how it goes, of what is stored, what workers say and who watches.
struct RuntimeReporter {
    var stored: StoredConfiguration
    var engineRunning: Bool
    var engineError: String?
    var viewers: [String: ViewerCounts]
    var workers: [(plan: IslandPlan, state: WorkerState)]

    /// All outputs, also of transmissions that are switched off, sorted by transmission and output.
    var outputs: [RuntimeOutput] {
        stored.transmissions.flatMap { transmission in
            transmission.servedOutputs.map { output(of: transmission, $0) }
        }
        .sorted { ($0.transmissionID, $0.outputID) < ($1.transmissionID, $1.outputID) }
    }

    private func output(of transmission: Transmission, _ output: ResolvedOutput) -> RuntimeOutput {
        let worker = workers.first { $0.plan.island.transmissionIDs.contains(transmission.id) }
        let spec = worker?.plan.configuration.renditions.first { rendition in
            rendition.targets.contains { $0.path == output.enginePath }
        }
        let status = spec.flatMap { worker?.state.renditions[$0.id] }
        let (state, message) = judgement(transmission, worker, status)
        return RuntimeOutput(
            outputKey: output.key, outputID: output.outputID, transmissionID: transmission.id,
            protocol: output.protocol,
            resolvedEnginePath: output.enginePath, viewerCount: viewers[output.enginePath]?[output.protocol] ?? 0,
            publisherRunning: status?.isRunning ?? false,
            publisherPID: status?.isRunning == true ? worker?.state.pid : nil,
            publisherFramesSent: status?.framesSent ?? 0,
            publisherLastError: (status?.message ?? worker?.state.lastError)?.redactingCredentials,
            publisherActiveCodec: status?.codec, publisherHardwareAccelerated: status?.hardwareAccelerated ?? false,
            publisherRestartCount: (worker?.state.restartCount ?? 0) + (status?.restartCount ?? 0),
            counters: status.flatMap { $0.isRunning ? OutputCounters($0) : nil },
            mode: status?.isRunning == true ? status?.mode : nil,
            modeReason: status?.isRunning == true ? status?.modeReason : nil,
            state: state, message: message?.redactingCredentials)
    }

    private func judgement(
        _ transmission: Transmission, _ worker: (plan: IslandPlan, state: WorkerState)?, _ status: RenditionStatus?
    ) -> (OutputState, String?) {
        if !transmission.enabled { return (.idle, "This transmission is switched off.") }
        if !stored.settings.engine.enabled {
            return (.actionRequired, "The engine is stopped. Start it in the settings.")
        }
        if !engineRunning {
            return engineError.map { (.actionRequired, "The engine does not run. \($0)") } ?? (
                .warming, "The engine starts."
            )
        }
        let writers = worker?.plan.configuration.pipelines.filter { $0.graph.transmissionIDs.contains(transmission.id) }
        guard let writers, !writers.isEmpty else {
            return (.actionRequired, "No pipeline that is switched on shows a camera here. Add one in the settings.")
        }
        if let lastError = worker?.state.lastError { return (.warming, lastError) }
        let cameras = writers.flatMap { $0.graph.cameraIDs.sorted() }.compactMap { worker?.state.cameras[$0] }
        switch status?.state {
        case nil, .cold: return (.idle, nil)
        case .live: return (.working, status?.message)
        case .starting: return (.warming, nil)
        case .reconnecting: return (.warming, status?.message ?? "The engine is away for a moment.")
        case .failed: return (.actionRequired, status?.message ?? "The picture can't be encoded.")
        case .placeholder:
            if let lost = cameras.first(where: { $0.state != .live && $0.message != nil }) {
                return (.actionRequired, lost.message)
            }
            return (.warming, status?.message ?? "Waiting for the camera.")
        }
    }
}

extension RenditionStatus {
    /// Whether frames go out, or would if the engine were there.
    var isRunning: Bool {
        switch state {
        case .live, .placeholder, .starting, .reconnecting: true
        case .cold, .failed: false
        }
    }
}
