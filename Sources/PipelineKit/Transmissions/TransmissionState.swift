import Foundation
import Logging
import MediaKit
import StreamModel
import Synchronization

/// What a transmission shows now: the writers' latest frames, the choice between them, and the renditions that want it.
final class TransmissionState: Sendable {
    /// What the placeholder says.
    struct Presentation: Sendable, Equatable {
        var name: String
        var placeholder: PlaceholderStyle
        /// Since when there has been no picture; nil when there never was one.
        var signalLost: Date?
    }

    private struct State {
        var arbiter: WriterArbiter
        var frames: [String: VideoFrame] = [:]
        var renditions: [String: BoundedQueue<VideoFrame>] = [:]
        var presentation: Presentation
        var announcedWriter: String?
    }

    let id: String
    private let state: Mutex<State>
    private let events: EventSink
    private let logger: Logger

    init(_ transmission: Transmission, events: @escaping EventSink, logger: Logger) {
        id = transmission.id
        self.events = events
        self.logger = logger
        state = Mutex(
            State(
                arbiter: WriterArbiter(mode: transmission.arbitration),
                presentation: Presentation(name: transmission.name, placeholder: transmission.placeholder)))
    }

    /// Takes over changed settings; writers and renditions go on.
    func update(_ transmission: Transmission) {
        state.withLock {
            $0.arbiter.mode = transmission.arbitration
            $0.presentation.name = transmission.name
            $0.presentation.placeholder = transmission.placeholder
        }
    }

    // MARK: Writers

    func open(_ writerID: String, priority: Int, now: MonotonicInstant = .now) {
        state.withLock { state in
            forget(state.arbiter.open(writerID, priority: priority, at: now), in: &state)
        }
    }

    /// A writer has a new frame. It reaches the renditions if the writer is the chosen one.
    func write(_ frame: VideoFrame, by writerID: String, priority: Int, now: MonotonicInstant = .now) {
        state.withLock { state in
            for stale in state.arbiter.evictStale(at: now) { state.frames[stale] = nil }
            forget(state.arbiter.update(writerID, priority: priority, at: now), in: &state)
            state.frames[writerID] = frame
            choose(in: &state, at: now, newFrameOf: writerID)
        }
    }

    func close(_ writerID: String, now: MonotonicInstant = .now) {
        state.withLock { state in
            state.arbiter.close(writerID, at: now)
            state.frames[writerID] = nil
            choose(in: &state, at: now, newFrameOf: nil)
        }
    }

    // MARK: Renditions

    /// From now on `queue` gets the frames of the chosen writer, beginning with the latest if it is fresh.
    func attach(_ renditionID: String, queue: BoundedQueue<VideoFrame>, now: MonotonicInstant = .now) {
        state.withLock { state in
            choose(in: &state, at: now, newFrameOf: nil)
            state.renditions[renditionID] = queue
            if let selected = state.arbiter.selected, let frame = state.frames[selected] { queue.push(frame) }
        }
    }

    /// `queue` gets nothing any more. A queue that has been replaced under the same id is left alone.
    func detach(_ renditionID: String, queue: BoundedQueue<VideoFrame>) {
        state.withLock { state in
            if state.renditions[renditionID] === queue { state.renditions[renditionID] = nil }
        }
    }

    /// Whether a writer is eligible.
    func hasSignal(at now: MonotonicInstant = .now) -> Bool {
        state.withLock { state in
            choose(in: &state, at: now, newFrameOf: nil)
            return state.arbiter.selected != nil
        }
    }

    var presentation: Presentation { state.withLock(\.presentation) }

    // MARK: -

    /// Selects anew, and hands out the chosen writer's frame if it is new or its writer newly chosen.
    private func choose(in state: inout State, at now: MonotonicInstant, newFrameOf writerID: String?) {
        let selected = state.arbiter.select(at: now)
        let hasChanged = selected != state.announcedWriter
        if hasChanged {
            state.announcedWriter = selected
            if selected == nil { state.presentation.signalLost = Date() }
            events(.activeWriter(transmissionID: id, writerID: selected))
        }
        guard let selected, hasChanged || selected == writerID, let frame = state.frames[selected] else { return }
        for queue in state.renditions.values { queue.push(frame) }
    }

    private func forget(_ evicted: String?, in state: inout State) {
        guard let evicted else { return }
        state.frames[evicted] = nil
        logger.warning(
            "A transmission has more than \(WriterArbiter.writerLimit) writers; the oldest was dropped.",
            metadata: ["transmission": "\(id)", "writer": "\(evicted)"])
    }
}
