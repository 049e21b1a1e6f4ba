import MediaKit
import StreamModel
import Synchronization

/// A step of a running pipeline together with the steps that it feeds.
final class GraphNode: Sendable {
    /// What a step with a thread of its own is given, in order.
    private enum Input: Sendable {
        case packet(Packet)
        case rest(RestReason)
    }

    /// Nil when the pipeline has ended: a frame that was on its way then is dropped.
    private let step: Mutex<(any Operator)?>
    private let targets: [GraphNode]
    /// What waits for an operator with a thread of its own; nil for one that runs in the thread that feeds it.
    private let queue: BoundedQueue<Input>?

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
        let queue = BoundedQueue<Input>(capacity: queueCapacity)
        self.queue = queue
        // The thread lives until `finish()`, and keeps the node alive until then.
        _ = DedicatedThread(name: name, niceness: MediaNiceness.looking) {
            while true {
                switch queue.wait(until: .now + .seconds(3600)) {
                case .element(.packet(let packet)): self.process(packet)
                case .element(.rest(let reason)): self.passRest(reason)
                case .timedOut: continue
                case .closed:
                    self.step.withLock { Self.end(&$0) }
                    return
                }
            }
        }
    }

    /// Takes a picture; returns at once if the step runs in a thread of its own.
    func receive(_ packet: Packet) {
        if let queue {
            queue.push(.packet(packet))
        } else {
            process(packet)
        }
    }

    /// Takes sound, which no step changes or holds up: it goes by them to the ends of the pipeline. A step with a thread of its own
    /// does not get it, because whoever brings it would wait for the picture that the step is at.
    func hear(_ signal: SoundSignal) {
        if queue == nil { step.withLock { $0?.hear(signal) } }
        for target in targets { target.hear(signal) }
    }

    /// A step before this one keeps frames back: word of it goes by all steps to the ends of the pipeline.
    func rest(_ reason: RestReason) {
        if let queue {
            queue.push(.rest(reason))
        } else {
            passRest(reason)
        }
    }

    /// No frame comes any more. Frames that wait are dropped. Idempotent, and waits for no step with a thread of its own: one that is
    /// at a picture is ended by that thread.
    func finish() {
        guard let queue else {
            step.withLock { Self.end(&$0) }
            return
        }
        queue.removeAll()
        queue.close()
        _ = step.withLockIfAvailable { Self.end(&$0) }
    }

    private static func end(_ step: inout sending (any Operator)?) {
        step?.finish()
        step = nil
    }

    private func passRest(_ reason: RestReason) {
        step.withLock { $0?.rest(reason) }
        for target in targets { target.rest(reason) }
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
