import StreamModel
import Synchronization

@testable import PipelineKit

/// Keeps the events of what is tested, and lets a test wait for one.
final class EventLog: Sendable {
    private let recorded = Mutex<[WorkerEvent]>([])
    private let stream: AsyncStream<WorkerEvent>
    private let continuation: AsyncStream<WorkerEvent>.Continuation

    init() { (stream, continuation) = AsyncStream.makeStream() }

    var sink: EventSink {
        { [self] event in
            recorded.withLock { $0.append(event) }
            continuation.yield(event)
        }
    }

    var events: [WorkerEvent] { recorded.withLock { $0 } }

    /// The next event that fits. Tests have a time limit, so this does not need one.
    @discardableResult
    func first<T>(_ extract: (WorkerEvent) -> T?) async -> T? {
        for await event in stream {
            if let value = extract(event) { return value }
        }
        return nil
    }
}
