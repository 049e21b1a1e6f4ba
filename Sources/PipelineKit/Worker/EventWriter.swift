import Foundation
import MediaKit
import StreamModel

/// Writes events to a file descriptor, a line each, in the order that they were given, from a thread of its own: whoever
/// reports never waits for the reader.
final class EventWriter: Sendable {
    /// Events that wait; a reader that is so far behind no longer works.
    static let queueCapacity = 4096

    private let queue: BoundedQueue<WorkerEvent>
    private let thread: DedicatedThread

    /// - Parameter onFailure: called once when the reader is gone.
    init(descriptor: Int32, onFailure: @escaping @Sendable () -> Void) {
        let queue = BoundedQueue<WorkerEvent>(capacity: Self.queueCapacity)
        self.queue = queue
        thread = DedicatedThread(name: "events") {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.withoutEscapingSlashes]
            while true {
                switch queue.wait(until: .now + .seconds(3600)) {
                case .element(let event):
                    guard let line = try? encoder.encode(event) else { continue }
                    guard Self.write(line + [0x0A], to: descriptor) else {
                        queue.close()
                        onFailure()
                        return
                    }
                case .timedOut: continue
                case .closed: return
                }
            }
        }
    }

    /// Never blocks.
    func send(_ event: WorkerEvent) { queue.push(event) }

    /// Writes what waits, and ends. A reader that does not read is not waited for longer than `limit`.
    func finish(within limit: Duration) async {
        queue.close()
        _ = await finishes(within: limit) { [thread] in await thread.completion() }
    }

    private static func write(_ data: Data, to descriptor: Int32) -> Bool {
        var rest = data[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { unsafe Foundation.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if count < 0, errno != EINTR {
                return false
            }
        }
        return true
    }
}
