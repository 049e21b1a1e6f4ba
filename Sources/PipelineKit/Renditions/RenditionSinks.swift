import Logging
import NIOCore
import StreamModel
import Synchronization

/// Where a rendition goes: a sink for each target.
final class RenditionSinks: Sendable {
    private struct State {
        /// By their targets, whatever is heard there.
        var sinks: [PublishTarget: any Sink] = [:]
        var sounds: [PathSound] = []
    }

    private let state = Mutex(State())
    private let eventLoop: any EventLoop
    private let monitor: RenditionMonitor
    private let logger: Logger
    private let needsKeyframe: @Sendable () -> Void

    init(
        eventLoop: any EventLoop, monitor: RenditionMonitor, logger: Logger,
        needsKeyframe: @escaping @Sendable () -> Void
    ) {
        self.eventLoop = eventLoop
        self.monitor = monitor
        self.logger = logger
        self.needsKeyframe = needsKeyframe
    }

    /// - Returns: whether something else is to be heard than before.
    @discardableResult
    func update(_ targets: [PublishTarget]) -> Bool {
        let places = targets.map(\.withoutSound)
        monitor.targets(places)
        return state.withLock { state in
            for (place, sink) in state.sinks where !places.contains(place) {
                sink.stop()
                state.sinks[place] = nil
            }
            for (target, place) in zip(targets, places) {
                if let sink = state.sinks[place] {
                    sink.follow(target.sound)
                    continue
                }
                state.sinks[place] = RTSPPublisher(target: target, eventLoop: eventLoop, logger: logger) {
                    [monitor, needsKeyframe] event in
                    if case .needsKeyframe = event { needsKeyframe() }
                    monitor.publisher(place, event)
                }
            }
            let sounds = targets.map(\.sound)
            defer { state.sounds = sounds }
            return sounds != state.sounds
        }
    }

    /// What is to be heard in each place.
    var sounds: [PathSound] { state.withLock(\.sounds) }

    func send(_ units: [PublishedUnit]) {
        guard !units.isEmpty else { return }
        for sink in state.withLock({ Array($0.sinks.values) }) { sink.send(units) }
    }
}
