import ConnectionLimits
import ControlPlane
import Foundation
import Hummingbird
import NIOCore
import NIOWebSocket
import ServiceLifecycle
import StreamModel

/// One player at a WebSocket, from its handshake to its end.
struct PlaybackSocket: Sendable {
    /// What it plays.
    struct Source: Sendable {
        /// Asks the engine for the stream in the codecs of a player.
        var open: @Sendable (_ codecs: String?) async throws(ControlPlaneError) -> MediaStream
        /// Passes on an offer of WebRTC.
        ///
        /// - Returns: the answer.
        var offer: @Sendable (_ description: String) async throws(ControlPlaneError) -> String
        /// Has `end` called when the player may not go on, for as long as what is returned is kept; throws when it may not begin.
        var hold: @Sendable (_ end: @escaping @Sendable () -> Void) async throws(ControlPlaneError) -> MediaHold
    }

    var source: Source
    var channel: any Channel
    /// Its place among those that may be there.
    var place: SocketPlace

    /// How often it is looked at whether anything is played.
    private static let checkInterval: Duration = .seconds(15)
    /// A WebSocket on which nothing is sent is kept so long.
    private static let idleLimit: Duration = .seconds(300)

    private enum Event: Sendable {
        case message(WebSocketMessage)
        case ended(stream: Int, CodedMessage)
        case dialogue(PlaybackDialogue.Event)
        case checkIsDue
        case left
    }

    /// Written until the player leaves, may not go on, or the server stops.
    var body: ResponseBody {
        ResponseBody { writer in
            guard let messages = await WebSocketDoor.messages(of: channel) else { return }
            let outbox = PlaybackOutbox()
            let showOut = { @Sendable in outbox.end(.policyViolation, "This address is not valid any more.") }
            let hold = try? await source.hold(showOut)
            if hold == nil { showOut() }
            try await withGracefulShutdownHandler {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    let (events, sink) = AsyncStream<Event>.makeStream()
                    group.addTask {
                        for await message in messages { sink.yield(.message(message)) }
                        sink.yield(.left)
                    }
                    group.addTask {
                        while (try? await Task.sleep(for: Self.checkInterval)) != nil { sink.yield(.checkIsDue) }
                    }
                    group.addTask { await direct(events, sink, outbox) }
                    defer { group.cancelAll() }
                    while let frames = await outbox.next() { try await writer.write(contentsOf: frames) }
                }
            } onGracefulShutdown: {
                outbox.end(.goingAway, "The server stops.")
            }
            withExtendedLifetime((place, hold)) {}
            try await writer.finish(nil)
        }
    }

    private func direct(
        _ events: AsyncStream<Event>, _ sink: AsyncStream<Event>.Continuation, _ outbox: PlaybackOutbox
    ) async {
        let executor = EventLoopTaskExecutor(channel.eventLoop)
        var dialogue = PlaybackDialogue()
        var stream = 0
        var sending: Task<Void, Never>?
        var offering: Task<Void, Never>?
        var lastUse = ContinuousClock.now
        defer {
            sending?.cancel()
            offering?.cancel()
            outbox.end(.normalClosure)
        }
        for await event in events {
            let actions: [PlaybackDialogue.Action]
            switch event {
            case .message(.text(let text)): actions = dialogue.take(.text(text))
            case .message(.binary): actions = dialogue.take(.binary)
            case .ended(let ended, let message): actions = ended == stream ? dialogue.take(.ended(message)) : []
            case .dialogue(let event): actions = dialogue.take(event)
            case .left: return
            case .checkIsDue:
                if !dialogue.isIdle { lastUse = .now }
                guard lastUse.duration(to: .now) < Self.idleLimit else {
                    return outbox.end(.normalClosure, "Nothing was played.")
                }
                actions = []
            }
            for action in actions {
                switch action {
                case .open(let codecs):
                    sending?.cancel()
                    stream = outbox.beginStream()
                    sending = Task(executorPreference: executor) { [stream] in
                        let message = await send(codecs, as: stream, to: outbox)
                        sink.yield(.ended(stream: stream, message))
                    }
                case .close:
                    sending?.cancel()
                    stream = outbox.beginStream()
                case .say(let message): outbox.append(text: String(decoding: message.data, as: UTF8.self))
                case .offer(let description):
                    offering = Task(executorPreference: executor) {
                        do throws(ControlPlaneError) {
                            let answer = try await source.offer(description)
                            sink.yield(.dialogue(.answered(description: answer)))
                        } catch {
                            sink.yield(.dialogue(.offerRefused(error.message)))
                        }
                    }
                }
            }
        }
    }

    /// Sends a stream until it ends.
    ///
    /// - Returns: why nothing more comes.
    private func send(_ codecs: String?, as number: Int, to outbox: PlaybackOutbox) async -> CodedMessage {
        do {
            let stream = try await source.open(codecs)
            let beginning = PlaybackDialogue.beginning(stream.contentType)
            outbox.append(text: String(decoding: beginning.data, as: UTF8.self), of: number)
            try await stream.parts(headroom: WebSocketFraming.headroom) { outbox.append($0, of: number) }
        } catch let error as ControlPlaneError {
            return error.message
        } catch {
            // The engine has ended, or what it sends is no MP4: it is the same to a player.
        }
        return CodedMessage("stream_over", "The stream has ended. Open it anew.")
    }
}

/// A player's place among the WebSockets; letting go of it makes room for another.
final class SocketPlace: Sendable {
    private let counter: ConnectionCounter
    private let client: ClientNetwork?

    /// Nil when there is no room.
    init?(_ counter: ConnectionCounter, address: String) {
        client = IPAddress(address).map { ClientNetwork($0) }
        guard counter.enter(client) else { return nil }
        self.counter = counter
    }

    deinit { counter.leave(client) }
}
