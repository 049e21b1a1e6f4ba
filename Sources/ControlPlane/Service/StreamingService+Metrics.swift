import Foundation
import StreamModel

extension StreamingService {
    /// What ``metrics()`` is written in.
    public static let metricsContentType = PrometheusText.contentType

    /// Counters and gauges for Prometheus, without secrets.
    public func metrics() async -> String {
        let status = await engineStatus(requestHost: nil)
        let states = await workers.states
        let outputs = await runtimeOutputs().outputs
        var pids: [(name: String, island: String, pid: Int?)] = [
            ("server", "", Int(ProcessInfo.processInfo.processIdentifier)), ("engine", "", status.pid),
        ]
        pids += states.map { ("worker", $0.plan.island.name, $0.state.pid) }
        return MetricsReport(
            engineIsUp: status.running, engineRestarts: status.restartCount, workers: states,
            viewers: await demandCoordinator.viewers, transmissions: store.current.transmissions, outputs: outputs,
            processes: pids.compactMap { entry in
                entry.pid.flatMap { ProcessUsage(pid: $0) }.map { (entry.name, entry.island, $0) }
            }
        ).text
    }
}
