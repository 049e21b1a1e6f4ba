import Foundation
import MediaKit
import StreamModel
import Synchronization

/// Puts a rendition's status together from what its encoder's thread and its publishers say, and reports it: a change of
/// state at once, counters when asked.
final class RenditionMonitor: Sendable {
    /// What the encoder's thread says.
    enum Picture: Equatable {
        case opening
        case live
        /// Since when there has been no signal; nil while it may still come for the first time.
        case placeholder(signalLost: Date?)
        /// The placeholder, because pictures are kept back.
        case rest(RestReason)
        /// The reason, such as what a driver says.
        case failed(reason: String)
    }

    private struct Target {
        var isRecording = false
        var problem: PublishError?
        var framesSent = 0
        var framesDropped = 0
        var bytesSent = 0
        var sounds: [PublishedSound] = []
        /// Since the last report, by track.
        var soundBytes: [Int: Int] = [:]
    }

    private struct State {
        var status: RenditionStatus
        var picture = Picture.opening
        var wasRecording = false
        var isEnded = false
        /// Targets that were removed stay, so that counters never go back; `active` tells which count for the state.
        var targets: [PublishTarget: Target] = [:]
        var active: Set<PublishTarget> = []
        var framesDropped = 0
        /// Those of the last report.
        var framesDroppedBefore = 0
        var overload = Overload()
        var isOverloaded = false
        var mode: PictureMode?
        var encoder = EncoderBackend.cpu
        /// Why it is not encoded by the encoder that was asked for.
        var encoderNote: CodedMessage?
        var framesTaken = 0
        var encodeTime: Duration = .zero
        var encodeCount = 0
        var delay: Duration = .zero
        var delayCount = 0
        /// When the last report was, and what had been sent to the target that got most.
        var lastReport: (at: MonotonicInstant, frames: Int, bytes: Int)?
    }

    /// The part of the time from which on an encoder counts as busy all the time.
    private static let busyPart = 0.8
    /// What is shown for the encoder while there is none.
    static let copyCodec = "copy"

    private let state: Mutex<State>
    private let events: EventSink

    init(id: String, events: @escaping EventSink) {
        self.events = events
        state = Mutex(State(status: RenditionStatus(id: id, state: .starting)))
    }

    // MARK: From the encoder's thread

    /// The rendition starts: the first report.
    func begin(at now: MonotonicInstant = .now) {
        state.withLock { state in
            state.lastReport = (now, 0, 0)
            emit(&state)
        }
    }

    func picture(_ picture: Picture) {
        change { state in
            state.picture = picture
        }
    }

    /// The encoder is opened: after a failure it counts as a restart.
    func encoderOpens() {
        change { state in
            if case .failed = state.picture { state.status.restartCount += 1 }
            if case .failed = state.picture { state.picture = .opening }
        }
    }

    /// How the pictures are made from now on.
    func mode(_ mode: PictureMode) {
        change { state in
            state.mode = mode
            Self.describeMode(&state)
        }
    }

    /// Why it is not encoded by the encoder that was asked for, as half a sentence; nil when it is.
    func encoderNote(_ note: CodedMessage?) {
        change { state in
            state.encoderNote = note
            Self.describeMode(&state)
        }
    }

    /// What encodes from now on.
    func encoder(_ backend: EncoderBackend) {
        state.withLock { $0.encoder = backend }
    }

    private static func describeMode(_ state: inout State) {
        switch state.mode {
        case nil: break
        case .copy(let reason):
            state.status.mode = .copy
            state.status.modeReason = reason
        case .encode(let reason):
            state.status.mode = .encode
            state.status.modeReason =
                state.encoderNote.map { note in
                    CodedMessage(
                        "mode_and_encoder", "\(reason.text); \(note.text)",
                        ["mode": reason.json, "encoder": note.json])
                } ?? reason
        }
    }

    /// A picture was passed on as it came.
    func copied() {
        state.withLock { state in
            state.status.codec = Self.copyCodec
            state.status.hardwareAccelerated = false
        }
        picture(.live)
    }

    /// A picture came from the transmission.
    func received() {
        state.withLock { $0.framesTaken += 1 }
    }

    /// A new picture was handed to the publishers.
    ///
    /// - Parameter delay: since it was captured.
    func handedOver(after delay: Duration) {
        state.withLock { state in
            state.delay += delay
            state.delayCount += 1
        }
    }

    /// A frame went through scaler and encoder.
    func encoded(by encoderName: String, in time: Duration, isRepeat: Bool) {
        state.withLock { state in
            state.encodeTime += time
            state.status.encodeSeconds += time / .seconds(1)
            state.encodeCount += 1
            state.status.codec = encoderName
            state.status.hardwareAccelerated = state.encoder != .cpu
            if isRepeat { state.status.framesRepeated += 1 }
        }
    }

    /// Frames that newer ones pushed out before they were encoded, since the rendition was started.
    func queueDropped(total: Int) {
        state.withLock { $0.framesDropped = total }
    }

    /// Reports the counters, and the means and rates since the last report.
    func report(at now: MonotonicInstant = .now) {
        state.withLock { state in
            guard !state.isEnded else { return }
            Self.measureLoad(&state, at: now)
            state.status.encodeMilliseconds = Self.meanMilliseconds(state.encodeTime, state.encodeCount)
            state.status.delayMilliseconds = Self.meanMilliseconds(state.delay, state.delayCount)
            (state.encodeTime, state.encodeCount) = (.zero, 0)
            (state.delay, state.delayCount) = (.zero, 0)
            Self.measureRates(&state, at: now)
            emit(&state)
        }
    }

    private static func meanMilliseconds(_ total: Duration, _ count: Int) -> Double? {
        count == 0 ? nil : total / count / .milliseconds(1)
    }

    private static func measureRates(_ state: inout State, at now: MonotonicInstant) {
        measureSound(&state, at: now)
        let frames = state.targets.values.map(\.framesSent).max() ?? 0
        let bytes = state.targets.values.map(\.bytesSent).max() ?? 0
        defer { state.lastReport = (now, frames, bytes) }
        guard let last = state.lastReport, last.at < now else { return }
        let seconds = last.at.duration(to: now) / .seconds(1)
        state.status.framesPerSecond = Double(frames - last.frames) / seconds
        state.status.bitrateKbps = Double(bytes - last.bytes) * 8 / 1000 / seconds
    }

    private static func measureSound(_ state: inout State, at now: MonotonicInstant) {
        let seconds = (state.lastReport?.at.duration(to: now) ?? .zero) / .seconds(1)
        for (key, target) in state.targets {
            if seconds > 0 {
                for (index, sound) in target.sounds.enumerated() {
                    let bits = Double(target.soundBytes[sound.track] ?? 0) * 8
                    state.targets[key]?.sounds[index].status.bitrateKbps = bits / 1000 / seconds
                }
            }
            state.targets[key]?.soundBytes = [:]
        }
    }

    /// The demand has ended: the last report.
    func end() {
        state.withLock { state in
            guard !state.isEnded else { return }
            state.isEnded = true
            state.status.state = .cold
            state.status.message = nil
            state.status.messageCode = nil
            state.status.framesPerSecond = nil
            state.status.bitrateKbps = nil
            emit(&state)
        }
    }

    // MARK: From the publishers

    func targets(_ targets: [PublishTarget]) {
        change { state in
            state.active = Set(targets)
            for target in targets where state.targets[target] == nil { state.targets[target] = Target() }
        }
    }

    func publisher(_ target: PublishTarget, _ event: PublisherEvent) {
        change { state in
            switch event {
            case .announced(let sounds):
                state.targets[target]?.sounds = sounds
            case .recording:
                state.targets[target]?.isRecording = true
                state.targets[target]?.problem = nil
                state.wasRecording = true
            case .lost(let error):
                state.targets[target]?.isRecording = false
                state.targets[target]?.problem = error
            case .sent(let pictures, let bytes, let soundBytes):
                state.targets[target]?.framesSent += pictures
                state.targets[target]?.soundBytes.merge(soundBytes, uniquingKeysWith: +)
                state.targets[target]?.bytesSent += bytes
                state.status.lastFrameAtUnix = Date().timeIntervalSince1970
            case .dropped(let pictures):
                state.targets[target]?.framesDropped += pictures
            case .needsKeyframe:
                break
            }
        }
    }

    /// Pictures that came too fast for an encoder that was busy all the time. One that was not has only had a burst.
    private static func measureLoad(_ state: inout State, at now: MonotonicInstant) {
        let dropped = state.framesDropped - state.framesDroppedBefore
        state.framesDroppedBefore = state.framesDropped
        if dropped > 0, let last = state.lastReport, state.encodeTime > last.at.duration(to: now) * busyPart {
            state.overload.leftOut(at: now)
        }
        state.isOverloaded = state.overload.isPresent(at: now)
        (state.status.state, state.status.message, state.status.messageCode) = derive(state)
    }

    // MARK: -

    /// Reports at once if the state or its message is another one afterwards.
    private func change(_ body: (inout State) -> Void) {
        state.withLock { state in
            guard !state.isEnded else { return }
            let before = (state.status.mode, state.status.modeReason)
            body(&state)
            let (word, message, code) = Self.derive(state)
            var signalLost: Date?
            if case .placeholder(let since) = state.picture { signalLost = since }
            let signalLostAtUnix = signalLost?.timeIntervalSince1970
            var rest: RestReason?
            if case .rest(let reason) = state.picture { rest = reason }
            guard
                word != state.status.state || message != state.status.message
                    || signalLostAtUnix != state.status.signalLostAtUnix
                    || rest != state.status.rest
                    || before != (state.status.mode, state.status.modeReason)
            else { return }
            state.status.state = word
            state.status.message = message
            state.status.messageCode = code
            state.status.signalLostAtUnix = signalLostAtUnix
            state.status.rest = rest
            emit(&state)
        }
    }

    private func emit(_ state: inout State) {
        // The same frames go to every target: the one that got most is what was sent.
        state.status.framesReceived = state.framesTaken + state.framesDropped
        state.status.framesSent = state.targets.values.map(\.framesSent).max() ?? 0
        state.status.framesDropped = state.framesDropped + (state.targets.values.map(\.framesDropped).max() ?? 0)
        state.status.bytesSent = state.targets.values.reduce(0) { $0 + $1.bytesSent }
        state.status.sounds = Dictionary(
            state.active.compactMap { target in
                guard let sounds = state.targets[target]?.sounds, !sounds.isEmpty else { return nil }
                return (target.path, sounds.map(\.status))
            }, uniquingKeysWith: { first, _ in first })
        events(.rendition(state.status))
    }

    /// The state, the sentence about it, and the sentence's code, where it has one.
    private static func derive(_ state: State) -> (RenditionState, String?, MessageCode?) {
        let active = state.active.compactMap { state.targets[$0] }
        let error = active.compactMap(\.problem).first
        let (problem, code) = (error?.description, error?.messageCode)
        if case .failed(let reason) = state.picture { return failed(reason) }
        // One that is only sent to destinations has no engine to wait for.
        guard active.isEmpty || active.contains(where: \.isRecording) else {
            return (state.wasRecording ? .reconnecting : .starting, problem, code)
        }
        return switch state.picture {
        case .opening: (.starting, problem, code)
        case .live where problem == nil && state.isOverloaded: (.live, Overload.sentence, Overload.code)
        case .live: (.live, problem, code)
        case .placeholder, .rest: (.placeholder, problem, code)
        case .failed(let reason): failed(reason)
        }
    }

    private static func failed(_ reason: String) -> (RenditionState, String?, MessageCode?) {
        (
            .failed, "This output cannot be encoded: \(reason). It is tried again by itself.",
            MessageCode("output_not_encoded", ["reason": reason])
        )
    }
}
