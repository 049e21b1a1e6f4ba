import Foundation
import StreamModel
import Synchronization

/// Stills that a worker was asked for and has not delivered yet.
final class StillRequests: Sendable {
    private let waiting = Mutex<[String: CheckedContinuation<StillResult, Never>]>([:])
    private let timeout: Duration

    /// The worker waits four seconds for a live picture, after it has started.
    static let timeout: Duration = .seconds(8)

    init(timeout: Duration = timeout) { self.timeout = timeout }

    /// Waits for the answer to a request; a worker that gives none in time has failed.
    ///
    /// - Parameter send: sends the request with this id.
    func answer(_ send: @Sendable (String) -> Void) async -> StillResult {
        let requestID = UUID().uuidString
        let limit = Task { [timeout] in
            guard (try? await Task.sleep(for: timeout)) != nil else { return }
            self.finish(requestID, StillResult(failure: "The worker gave no picture in time."))
        }
        defer { limit.cancel() }
        return await withCheckedContinuation { continuation in
            waiting.withLock { $0[requestID] = continuation }
            send(requestID)
        }
    }

    /// An answer to a request that is over already is ignored.
    func finish(_ requestID: String, _ result: StillResult) {
        waiting.withLock { $0.removeValue(forKey: requestID) }?.resume(returning: result)
    }

    func finishAll(_ result: StillResult) {
        let all = waiting.withLock { waiting in
            defer { waiting = [:] }
            return Array(waiting.values)
        }
        for continuation in all { continuation.resume(returning: result) }
    }
}
