import ControlPlane
import NIOCore
import NIOWebSocket
import StreamModel
import Synchronization

/// What waits for a player at a WebSocket, within bounds: a player that reads too slowly loses what waits, and goes on at the next
/// part with which it can begin.
struct PlaybackQueue {
    /// Bytes that wait for a player beside what is being written to it.
    static let limit = 1 << 20
    /// The same until it has taken what it began with: the group of pictures since the last keyframe comes at once.
    static let initialLimit = 16 << 20

    private var frames: [(bytes: ByteBuffer, mayBeLeftOut: Bool)] = []
    /// Of those that may be left out.
    private var byteCount = 0
    private var hasCaughtUp = false
    private var isWaitingForEntrance = false

    var isEmpty: Bool { frames.isEmpty }

    /// A text is never left out; clients send few messages that are answered.
    mutating func append(text: String) { frames.append((WebSocketFraming.text(text), false)) }

    mutating func append(_ part: MP4Part) {
        switch part {
        case .initialization(let bytes): frames.append((WebSocketFraming.frame(.binary, around: bytes), false))
        case .fragment(let bytes, let isEntrance): append(fragment: bytes, isEntrance: isEntrance)
        case .metadata(let value, let seconds):
            // Who does without the pictures has no use for it.
            guard !isWaitingForEntrance, byteCount <= Self.initialLimit else { return }
            let message = PlaybackDialogue.metadata(value, seconds: seconds)
            let frame = WebSocketFraming.text(String(decoding: message.data, as: UTF8.self))
            frames.append((frame, true))
            byteCount += frame.readableBytes
        }
    }

    private mutating func append(fragment: ByteBuffer, isEntrance: Bool) {
        let frame = WebSocketFraming.frame(.binary, around: fragment)
        if isEntrance { isWaitingForEntrance = false }
        guard !isWaitingForEntrance else { return }
        if byteCount > (hasCaughtUp ? Self.limit : Self.initialLimit) {
            leaveOutParts()
            guard isEntrance else {
                isWaitingForEntrance = true
                return
            }
        }
        frames.append((frame, true))
        byteCount += frame.readableBytes
    }

    private mutating func leaveOutParts() {
        frames.removeAll(where: \.mayBeLeftOut)
        byteCount = 0
    }

    /// Everything, to be written now.
    mutating func take() -> [ByteBuffer] {
        defer {
            frames = []
            byteCount = 0
        }
        return frames.map(\.bytes)
    }

    /// The player waits for more.
    mutating func caughtUp() { hasCaughtUp = true }

    /// Another stream begins.
    mutating func restart() {
        leaveOutParts()
        hasCaughtUp = false
        isWaitingForEntrance = false
    }
}

/// A ``PlaybackQueue`` between those that fill it and the one that writes.
final class PlaybackOutbox: Sendable {
    private struct State {
        var queue = PlaybackQueue()
        var waiter: CheckedContinuation<Void, Never>?
        /// Names the stream that may fill it.
        var stream = 0
        var end: (code: WebSocketErrorCode, reason: String)?
        var hasEnded = false
    }

    private let state = Mutex(State())

    /// Another stream may fill it; what waits of the former is forgotten.
    func beginStream() -> Int {
        change { state in
            state.stream += 1
            state.queue.restart()
            return state.stream
        }
    }

    /// - Parameter stream: as ``beginStream()`` named it; another one is over.
    func append(_ part: MP4Part, of stream: Int) {
        change { if $0.stream == stream { $0.queue.append(part) } }
    }

    /// - Parameter stream: whose text it is; nil for one of no stream.
    func append(text: String, of stream: Int? = nil) {
        change { if stream == nil || stream == $0.stream { $0.queue.append(text: text) } }
    }

    /// Nothing follows but a goodbye.
    func end(_ code: WebSocketErrorCode, _ reason: String = "") {
        change { if $0.end == nil { $0.end = (code, reason) } }
    }

    /// What is to be written next, as soon as there is something; nil at the end.
    func next() async -> [ByteBuffer]? {
        while true {
            let frames: [ByteBuffer]? = state.withLock { state in
                if state.hasEnded { return nil }
                var frames = state.queue.take()
                if let end = state.end {
                    state.hasEnded = true
                    frames.append(WebSocketFraming.close(end.code, end.reason))
                }
                if frames.isEmpty { state.queue.caughtUp() }
                return frames
            }
            guard let frames, frames.isEmpty else { return frames }
            await withCheckedContinuation { continuation in
                let isDue = state.withLock { state in
                    guard state.queue.isEmpty, state.end == nil else { return true }
                    state.waiter = continuation
                    return false
                }
                if isDue { continuation.resume() }
            }
        }
    }

    private func change<Result: Sendable>(_ body: (inout State) -> Result) -> Result {
        let (result, waiter) = state.withLock { state in
            let result = body(&state)
            guard !state.queue.isEmpty || state.end != nil else {
                return (result, CheckedContinuation<Void, Never>?.none)
            }
            return (result, state.waiter.take())
        }
        waiter?.resume()
        return result
    }
}
