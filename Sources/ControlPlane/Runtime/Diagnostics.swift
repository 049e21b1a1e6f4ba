import StreamModel

/// The free-form report of `GET /runtime/diagnostics`, without credentials and without camera passwords.
enum Diagnostics {
    static let eventCount = 50
    /// Bytes of the end of each worker's log that are shown.
    private static let logBytes = 8192

    static func json(
        status: EngineStatus, workers: [(plan: IslandPlan, state: WorkerState)], outputs: [RuntimeOutput],
        destinations: [RuntimeDestination], wanted: [String], primed: [String], leases: [String: Int],
        invalid: [InvalidDocument], events: [StoredEvent]
    ) -> JSONValue {
        var engine = status.json.objectValue ?? [:]
        // It is in its logs here.
        engine["log_tail"] = nil
        engine["logs"] = ["stdout": strings(status.logTail), "stderr": []]
        var counts: [String: JSONValue] = [:]
        for output in outputs { counts[output.outputKey] = .integer(output.viewerCount) }
        return [
            "server_id": .string(ServerID.local),
            "engine": .object(engine),
            "publisher": ["outputs": .object(publishers(workers))],
            "runtime_state": ["transmissions": .object(transmissions(workers))],
            "viewer_count_by_output": .object(counts),
            "destinations": .array(destinations.map(\.json)),
            "demand": [
                "wanted_paths": strings(wanted), "primed_paths": strings(primed),
                "leases_by_path": .object(leases.mapValues(JSONValue.integer)),
            ],
            "workers": .array(workers.map(worker)),
            "invalid_documents": .array(invalid.map(\.json)),
            "events": .array(events.map(\.json)),
        ]
    }

    private static func publishers(_ workers: [(plan: IslandPlan, state: WorkerState)]) -> [String: JSONValue] {
        var result: [String: JSONValue] = [:]
        for (plan, state) in workers {
            for spec in plan.configuration.renditions {
                let status = state.renditions[spec.id]
                for target in spec.targets {
                    let members: [String: JSONValue] = [
                        "running": .bool(status?.isRunning ?? false), "pid": JSONValue(state.pid),
                        "publish_url": .string("rtsp://\(target.host):\(target.port)/\(target.path)"),
                        "engine_path": .string(target.path), "width": .integer(spec.encoding.width),
                        "height": .integer(spec.encoding.height), "fps": .integer(spec.encoding.fps),
                        "state": JSONValue(status?.state.rawValue),
                        "frames_sent": .integer(status?.framesSent ?? 0),
                        "mode": JSONValue(status?.mode?.rawValue), "mode_reason": redacted(status?.modeReason?.text),
                        "coded_mode_reason": status?.modeReason?.redacted.json ?? .null,
                        "restart_count": .integer(state.restartCount),
                        "last_frame_at_unix": JSONValue(status?.lastFrameAtUnix),
                        "last_error": redacted(status?.message),
                        "coded_last_error": status?.coded?.redacted.json ?? .null,
                        "active_codec": JSONValue(status?.codec),
                        "hardware_accelerated": .bool(status?.hardwareAccelerated ?? false),
                    ]
                    let counters = OutputCounters.json(status.map(OutputCounters.init))
                    result["\(spec.transmissionID):\(target.path)"] = .object(members.merging(counters) { $1 })
                }
            }
        }
        return result
    }

    private static func transmissions(_ workers: [(plan: IslandPlan, state: WorkerState)]) -> [String: JSONValue] {
        var result: [String: JSONValue] = [:]
        for (plan, state) in workers {
            for transmission in plan.configuration.transmissions {
                result[transmission.id] = [
                    "active_writer": JSONValue(state.activeWriters[transmission.id]),
                    "arbitration_mode": .string(transmission.arbitration.rawValue),
                ]
            }
        }
        return result
    }

    private static func worker(_ entry: (plan: IslandPlan, state: WorkerState)) -> JSONValue {
        let logs: [String: JSONValue] = [
            "log_path": JSONValue(entry.state.log?.path), "stderr_tail": log(entry.state.log),
        ]
        return .object((summary(entry.plan, entry.state).objectValue ?? [:]).merging(logs) { $1 })
    }

    /// A worker without its log.
    static func summary(_ plan: IslandPlan, _ state: WorkerState) -> JSONValue {
        let cameras = state.cameras.values.sorted { $0.cameraID < $1.cameraID }
        return [
            "island": .string(plan.island.name), "pid": JSONValue(state.pid),
            "transmissions": strings(plan.island.transmissionIDs.sorted()),
            "pipelines": strings(plan.configuration.pipelines.map(\.name)),
            "runs_always": .bool(plan.runsAlways), "restart_count": .integer(state.restartCount),
            "waits_to_restart": .bool(state.isPausing), "last_error": redacted(state.lastError?.text),
            "coded_last_error": state.lastError?.redacted.json ?? .null,
            "cameras": .array(
                cameras.map {
                    [
                        "camera_id": .string($0.cameraID), "state": .string($0.state.rawValue),
                        "message": redacted($0.message), "coded_message": $0.coded?.redacted.json ?? .null,
                        "codec": JSONValue($0.codec), "width": JSONValue($0.width),
                        "height": JSONValue($0.height), "fps": JSONValue($0.fps),
                    ]
                }),
        ]
    }

    private static func log(_ log: ChildLog?) -> JSONValue {
        strings(log?.lines(bytes: logBytes).map(\.redactingCredentials) ?? [])
    }

    private static func redacted(_ text: String?) -> JSONValue { JSONValue(text?.redactingCredentials) }
    private static func strings(_ texts: [String]) -> JSONValue { .array(texts.map(JSONValue.string)) }
}
