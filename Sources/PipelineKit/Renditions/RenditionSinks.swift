import Logging
import MediaKit
import NIOCore
import StreamModel
import Synchronization

/// Where a rendition goes: a sink for each engine path and for each destination.
final class RenditionSinks: Sendable {
    /// What makes a sink another one.
    private enum Place: Hashable {
        /// Whatever is heard there.
        case path(PublishTarget)
        case destination(StreamDestination)

        /// That of a destination, whatever its settings are.
        var destinationID: String? {
            if case .destination(let destination) = self { destination.id } else { nil }
        }

        /// The engine path; nil of a destination.
        var pathName: String? {
            if case .path(let target) = self { target.path } else { nil }
        }
    }

    private struct State {
        var sinks: [Place: any Sink] = [:]
        /// Those of destinations.
        var monitors: [Place: DestinationMonitor] = [:]
        var sounds: [PathSound] = []
        /// The paths whose viewers see metadata.
        var audience: Set<String> = []
        /// What says its goodbye.
        var leaving: [DedicatedThread] = []
    }

    private let transmissionID: String
    private let state = Mutex(State())
    private let eventLoop: any EventLoop
    private let monitor: RenditionMonitor
    private let logger: Logger
    private let events: EventSink
    private let needsKeyframe: @Sendable () -> Void

    init(
        of transmissionID: String, eventLoop: any EventLoop, monitor: RenditionMonitor, logger: Logger,
        events: @escaping EventSink, needsKeyframe: @escaping @Sendable () -> Void
    ) {
        self.transmissionID = transmissionID
        self.eventLoop = eventLoop
        self.monitor = monitor
        self.logger = logger
        self.events = events
        self.needsKeyframe = needsKeyframe
    }

    /// What stays in its place is not disturbed.
    ///
    /// - Returns: whether something else is to be heard than before.
    @discardableResult
    func update(_ targets: [PublishTarget], _ destinations: [StreamDestination] = []) -> Bool {
        let places =
            targets.map { (Place.path($0.place), $0.sound) }
            + destinations.map { (Place.destination($0.withoutNameAndPicture), $0.sound) }
        monitor.targets(targets.map(\.place))
        return state.withLock { state in
            var predecessors: [String: DedicatedThread] = [:]
            state.leaving.removeAll(where: \.isFinished)
            for (place, sink) in state.sinks where !places.contains(where: { $0.0 == place }) {
                state.monitors.removeValue(forKey: place)?.end()
                sink.stop()
                if let thread = sink.thread { state.leaving.append(thread) }
                if let id = place.destinationID { predecessors[id] = sink.thread }
                state.sinks[place] = nil
            }
            for (place, sound) in places {
                if let sink = state.sinks[place] {
                    sink.follow(sound)
                } else {
                    state.sinks[place] = makeSink(place, sound, predecessors, &state)
                }
            }
            state.audience = Set(targets.filter(\.metadata).map(\.path))
            let sounds = places.map(\.1)
            defer { state.sounds = sounds }
            return sounds != state.sounds
        }
    }

    private func makeSink(
        _ place: Place, _ sound: PathSound, _ predecessors: [String: DedicatedThread], _ state: inout State
    ) -> any Sink {
        switch place {
        case .path(var target):
            target.sound = sound
            return RTSPPublisher(target: target, eventLoop: eventLoop, logger: logger) {
                [monitor, needsKeyframe, place = target.place] event in
                if case .needsKeyframe = event { needsKeyframe() }
                monitor.publisher(place, event)
            }
        case .destination(let destination):
            let monitor = DestinationMonitor(
                transmissionID: transmissionID, destinationID: destination.id, events: events)
            state.monitors[place] = monitor
            return PushSink(
                destination, monitor: monitor, after: predecessors[destination.id], logger: logger)
        }
    }

    /// What is to be heard in each place.
    var sounds: [PathSound] { state.withLock(\.sounds) }

    /// The paths whose viewers see the metadata of pictures.
    var audience: Set<String> { state.withLock(\.audience) }

    /// What ends a while after it was stopped.
    var threads: [DedicatedThread] {
        state.withLock { state in state.leaving + state.sinks.values.compactMap(\.thread) }
    }

    func send(_ units: [PublishedUnit]) {
        guard !units.isEmpty else { return }
        let haveMetadata = units.contains { $0.annotated != nil }
        for (place, sink) in state.withLock(\.sinks) {
            if haveMetadata, let path = place.pathName {
                sink.send(units.map { $0.seen(on: path) })
            } else {
                sink.send(units)
            }
        }
    }

    /// Has the destinations' counters reported.
    func report(at now: MonotonicInstant) {
        for monitor in state.withLock({ Array($0.monitors.values) }) { monitor.report(at: now) }
    }
}
