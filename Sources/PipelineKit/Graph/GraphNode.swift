import MediaKit
import StreamModel
import Synchronization

/// A step of a running pipeline together with the steps that it feeds.
final class GraphNode: Sendable {
    /// Nil when the pipeline has ended: a frame that was on its way then is dropped.
    private let step: Mutex<(any Operator)?>
    private let targets: [GraphNode]
    /// Packets that wait for an operator with a thread of its own; nil for one that runs in the thread that feeds it.
    private let queue: BoundedQueue<Packet>?

    /// - Parameters:
    ///   - name: of the thread, if it gets one.
    ///   - queueCapacity: how many packets wait at most for an operator with a thread of its own.
    init(_ step: some Operator, name: String, queueCapacity: Int, targets: [GraphNode]) {
        self.step = Mutex(step)
        self.targets = targets
        guard type(of: step).needsOwnThread else {
            queue = nil
            return
        }
        let queue = BoundedQueue<Packet>(capacity: queueCapacity)
        self.queue = queue
        // The thread lives until `finish()`, and keeps the node alive until then.
        _ = DedicatedThread(name: name) {
            while true {
                switch queue.wait(until: .now + .seconds(3600)) {
                case .element(let packet): self.process(packet)
                case .timedOut: continue
                case .closed: return
                }
            }
        }
    }

    /// Takes a picture; returns at once if the step runs in a thread of its own.
    func receive(_ packet: Packet) {
        if let queue {
            queue.push(packet)
        } else {
            process(packet)
        }
    }

    /// Takes sound, which no step changes or holds up: it goes by them to the ends of the pipeline.
    func hear(_ signal: SoundSignal) {
        step.withLock { $0?.hear(signal) }
        for target in targets { target.hear(signal) }
    }

    /// A step before this one keeps frames back: word of it goes by all steps to the ends of the pipeline.
    func rest(_ reason: RestReason) {
        step.withLock { $0?.rest(reason) }
        for target in targets { target.rest(reason) }
    }

    /// No frame comes any more. Frames that wait are dropped. Idempotent.
    func finish() {
        queue?.removeAll()
        queue?.close()
        step.withLock {
            $0?.finish()
            $0 = nil
        }
    }

    private func process(_ packet: Packet) {
        // The lock is held while the next steps run, so that pictures keep their order; steps form no circle.
        step.withLock { step in
            step?.process(packet) { emitted in
                for target in targets { target.receive(emitted) }
            }
            if let reason = step?.restReason {
                for target in targets { target.rest(reason) }
            }
        }
    }
}
