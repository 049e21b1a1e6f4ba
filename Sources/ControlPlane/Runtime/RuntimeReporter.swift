import StreamModel

/// Tells for each output how it goes, of what is stored, what workers say and who watches.
struct RuntimeReporter {
    var stored: StoredConfiguration
    var engine: OutputFacts.Engine
    /// Those of an engine that runs.
    var ports: EnginePorts?
    /// Who wants which engine path; the others are wanted by nobody.
    var demand: [String: OutputFacts.Demand]
    var viewers: [String: ViewerCounts]
    var workers: [(plan: IslandPlan, state: WorkerState)]

    /// All outputs, also of transmissions that are switched off, sorted by transmission and output.
    var outputs: [RuntimeOutput] {
        let index = Index(stored: stored, workers: workers)
        return stored.transmissions.flatMap { transmission in
            transmission.servedOutputs.map { output(of: transmission, $0, index) }
        }
        .sorted { ($0.transmissionID, $0.outputID) < ($1.transmissionID, $1.outputID) }
    }

    /// How it goes with all destinations, also of transmissions that are switched off, in their stored order.
    var destinations: [RuntimeDestination] {
        let index = Index(stored: stored, workers: workers)
        return stored.transmissions.flatMap { transmission in
            transmission.destinations.map { RuntimeDestination($0, of: transmission, index.workers[transmission.id]) }
        }
    }

    /// What belongs to a transmission or a camera, by its id.
    private struct Index {
        var workers: [String: (plan: IslandPlan, state: WorkerState)] = [:]
        /// All that publish into a transmission, also those that are switched off.
        var writers: [String: [Pipeline]] = [:]
        var cameraNames: [String: String] = [:]

        init(stored: StoredConfiguration, workers: [(plan: IslandPlan, state: WorkerState)]) {
            for worker in workers {
                for id in worker.plan.island.transmissionIDs { self.workers[id] = worker }
            }
            for pipeline in stored.pipelines {
                for id in pipeline.graph.transmissionIDs { writers[id, default: []].append(pipeline) }
            }
            for camera in stored.cameras { cameraNames[camera.id] = camera.name }
        }
    }

    private func output(of transmission: Transmission, _ output: ResolvedOutput, _ index: Index) -> RuntimeOutput {
        let worker = index.workers[transmission.id]
        let (path, status) = running(for: output, worker)
        let condition = OutputCondition(facts(of: transmission, output, index, status))
        return RuntimeOutput(
            outputKey: output.key, outputID: output.outputID, transmissionID: transmission.id,
            protocol: output.protocol,
            resolvedEnginePath: output.enginePath, viewerCount: viewers.watching(output.enginePath)[output.protocol],
            publisherRunning: status?.isRunning ?? false,
            publisherPID: status?.isRunning == true ? worker?.state.pid : nil,
            publisherFramesSent: status?.framesSent ?? 0,
            publisherLastError: (status?.coded ?? worker?.state.lastError)?.redacted,
            publisherActiveCodec: status?.codec, publisherHardwareAccelerated: status?.hardwareAccelerated ?? false,
            publisherRestartCount: (worker?.state.restartCount ?? 0) + (status?.restartCount ?? 0),
            counters: status.flatMap { $0.isRunning ? OutputCounters($0) : nil },
            cameraLosses: cameraIDs(of: transmission, worker)
                .compactMap { worker?.state.cameras[$0]?.losses }.reduce(CameraLosses(), +),
            mode: status?.isRunning == true ? status?.mode : nil,
            modeReason: status?.isRunning == true ? status?.modeReason?.redacted : nil,
            sound: status?.isRunning == true
                ? OutputSound(
                    of: output, status?.sounds?[path] ?? [],
                    from: cameraIDs(of: transmission, worker).compactMap { worker?.state.cameras[$0] })
                : OutputSound(),
            noSignalSinceUnix: status?.isRunning == true ? status?.signalLostAtUnix : nil,
            state: condition.state, message: condition.message)
    }

    /// What is made for an output, and on which path: the H.264 of viewers by WebRTC who can't play the rest where that alone runs.
    private func running(
        for output: ResolvedOutput, _ worker: (plan: IslandPlan, state: WorkerState)?
    ) -> (path: String, status: RenditionStatus?) {
        func status(on path: String) -> RenditionStatus? {
            let spec = worker?.plan.configuration.renditions.first { rendition in
                rendition.targets.contains { $0.path == path }
            }
            return spec.flatMap { worker?.state.renditions[$0.id] }
        }
        let usual = (path: output.enginePath, status: status(on: output.enginePath))
        guard usual.status?.isRunning != true, let path = output.h264Path, let h264 = status(on: path),
            h264.isRunning
        else { return usual }
        return (path, h264)
    }

    private func facts(
        of transmission: Transmission, _ output: ResolvedOutput, _ index: Index, _ status: RenditionStatus?
    ) -> OutputFacts {
        let worker = index.workers[transmission.id]
        return OutputFacts(
            isTransmissionEnabled: transmission.enabled,
            foreignHost: transmission.hostServerID == ServerID.local ? nil : transmission.hostServerID,
            engine: engine, movedPort: movedPort(of: output.protocol),
            switchedOffPipelines: (index.writers[transmission.id] ?? []).filter { !$0.enabled }.map(\.name),
            cameras: cameraIDs(of: transmission, worker).map { id in
                let status = worker?.state.cameras[id]
                return OutputFacts.CameraFacts(
                    name: index.cameraNames[id] ?? id, state: status?.state,
                    message: status?.coded)
            },
            workerError: worker?.state.lastError, workerIsPausing: worker?.state.isPausing ?? false, rendition: status,
            demand: demand(for: output, worker),
            viewerCount: viewers.watching(output.enginePath)[output.protocol])
    }

    private func demand(
        for output: ResolvedOutput, _ worker: (plan: IslandPlan, state: WorkerState)?
    ) -> OutputFacts.Demand {
        let demands = [output.enginePath, output.h264Path].compactMap(\.self).compactMap { self.demand[$0] }
        let strongest: [OutputFacts.Demand] = [.watched, .announced, .leaving]
        let demand = strongest.first(where: demands.contains) ?? .nobody
        guard demand == .nobody || demand == .leaving, let plan = worker?.plan,
            !plan.pushedRenditions.isDisjoint(with: plan.renditions(feeding: [output.enginePath]))
        else { return demand }
        return .pushed
    }

    /// The cameras whose pictures the transmission gets while its worker runs.
    private func cameraIDs(
        of transmission: Transmission, _ worker: (plan: IslandPlan, state: WorkerState)?
    ) -> [String] {
        let running = worker?.plan.configuration.pipelines.filter {
            $0.graph.transmissionIDs.contains(transmission.id)
        }
        return (running ?? []).reduce(into: Set<String>()) { $0.formUnion($1.graph.cameraIDs) }.sorted()
    }

    private func movedPort(of protocol: OutputProtocol) -> (asked: Int, used: Int)? {
        let asked = EnginePorts(stored.settings.engine.preferredPorts)[`protocol`]
        guard let used = ports?[`protocol`], used != asked else { return nil }
        return (asked, used)
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
