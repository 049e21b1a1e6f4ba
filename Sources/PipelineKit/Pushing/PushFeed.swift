import MediaKit
import StreamModel
import Synchronization

/// What reaches a destination's thread from others.
final class PushFeed: Sendable {
    private struct State {
        var sound: PathSound
        /// What is sent from the newest keyframe on.
        var description: StreamDescription?
        var backlog = PushBacklog()
    }

    let interrupt = InterruptFlag()
    private let state: Mutex<State>
    /// An element or more after something came; closed by ``stop()``.
    private let arrivals = BoundedQueue<Void>(capacity: 1)
    private let monitor: DestinationMonitor

    init(hearing sound: PathSound, monitor: DestinationMonitor) {
        state = Mutex(State(sound: sound))
        self.monitor = monitor
    }

    func append(_ units: [PublishedUnit]) {
        let dropped = state.withLock { state in
            units.reduce(0) { dropped, unit in
                var unit = unit
                if let stream = unit.stream {
                    state.description = stream.limited(to: state.sound)
                    unit.stream = state.description
                }
                guard unit.isPicture || state.description?.tracks.contains(where: { $0.number == unit.track }) == true
                else { return dropped }
                return dropped + state.backlog.append(unit)
            }
        }
        if dropped > 0 { monitor.dropped(pictures: dropped) }
        arrivals.push(())
    }

    func hear(_ sound: PathSound) { state.withLock { $0.sound = sound } }

    func stop() {
        interrupt.interrupt()
        arrivals.close()
    }

    /// Waits until it is known what is to be sent; nil when it was stopped.
    func description() -> StreamDescription? {
        while !interrupt.isInterrupted {
            if let description = state.withLock(\.description) { return description }
            waitForArrival()
        }
        return nil
    }

    func open() { state.withLock { $0.backlog.open() } }

    func close() { state.withLock { $0.backlog.close() } }

    /// Waits for something to send; nothing when it was stopped.
    func take() -> [PublishedUnit] {
        while !interrupt.isInterrupted {
            let units = state.withLock { $0.backlog.take() }
            if !units.isEmpty { return units }
            waitForArrival()
        }
        return []
    }

    private func waitForArrival() { _ = arrivals.wait(until: .now + .seconds(60)) }
}
