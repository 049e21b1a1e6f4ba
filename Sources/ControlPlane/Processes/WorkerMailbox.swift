import StreamModel
import Synchronization

/// Commands on their way to a worker. Newer configurations, demands and metadata replace older ones that were not sent yet, so
/// it never holds more than a few, however slowly the worker reads.
final class WorkerMailbox: Sendable {
    private struct Waiting {
        var homeAssistant: WorkerCommand?
        var configuration: WorkerConfiguration?
        var demand: WorkerCommand?
        /// By transmission.
        var metadata: [String: WorkerCommand] = [:]
        var others: [WorkerCommand] = []
    }

    private let waiting = Mutex(Waiting())
    private let signal: AsyncStream<Void>.Continuation
    /// One element or more after commands were put in; ends when the mailbox is closed.
    let arrivals: AsyncStream<Void>

    /// Other commands that wait at most.
    private static let limit = 64

    init() {
        (arrivals, signal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    func put(_ command: WorkerCommand) {
        waiting.withLock { waiting in
            switch command {
            case .reachHomeAssistant: waiting.homeAssistant = command
            case .configure(let configuration): waiting.configuration = configuration
            case .demand: waiting.demand = command
            case .postMetadata(let transmissionID, _): waiting.metadata[transmissionID] = command
            case .forceKeyframe, .testCamera, .takeStill, .shutdown:
                if waiting.others.count < Self.limit { waiting.others.append(command) }
            }
        }
        signal.yield()
    }

    /// Takes out what waits: where Home Assistant is, the configuration, then the demand, then the rest.
    func take() -> [WorkerCommand] {
        waiting.withLock { waiting in
            var commands = [waiting.homeAssistant].compactMap(\.self)
            if let configuration = waiting.configuration { commands.append(.configure(configuration)) }
            if let demand = waiting.demand { commands.append(demand) }
            commands += waiting.metadata.values
            commands += waiting.others
            waiting = Waiting()
            return commands
        }
    }

    /// No commands come any more.
    func close() { signal.finish() }
}
