import Foundation
import Logging

extension EngineManager {
    /// Asks an engine that is ready again and again, and kills it when it does not answer any more: it then comes back as
    /// after a crash.
    func watch(_ id: UUID) {
        watchTask?.cancel()
        watchTask = Task {
            let clock = ContinuousClock()
            let start = clock.now
            var watch = EngineWatch()
            while (try? await clock.sleep(for: watch.pause)) != nil, let process, process.id == id, !process.isStopping
            {
                let sent = start.duration(to: clock.now)
                do {
                    _ = try await process.client.info()
                    watch.recordAnswer()
                } catch is EngineRefusal {
                    // It says no, but it says something.
                    watch.recordAnswer()
                } catch {
                    guard watch.recordSilence(sent: sent, now: start.duration(to: clock.now)) else { continue }
                    endHanging(id)
                    return
                }
            }
        }
    }

    private func endHanging(_ id: UUID) {
        guard let process, process.id == id, !process.isStopping, let pid = process.pid else { return }
        logger.error("The engine does not answer any more and is killed.", metadata: ["pid": "\(pid)"])
        self.process?.hangs = true
        // Until the process is reaped, which clears `process`, nobody else has its number.
        Foundation.kill(pid_t(-pid), SIGKILL)
    }
}
