import ConnectionLimits
import ControlPlane
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import ServiceLifecycle
import StreamModel

/// The state of everything that pages show, as it changes: Server-Sent Events (HTML §9.2).
enum EventRoute {
    static let path = "/api/events"
    static let contentType = "text/event-stream"

    /// So often something is written although nothing changes: proxies give up silent connections after 30 to 60 s, and
    /// a client that vanished without closing its connection is noticed by what it does not take.
    static let keepAliveInterval: Duration = .seconds(15)
    /// After which a browser that lost the connection comes back.
    static let retry: Duration = .seconds(2)

    /// One event, as its fields.
    private static let eventSchema = Schema.object(
        [
            "event": ["enum": ["state", "change", "alive"]], "id": Schema.string,
            "data": [
                "type": "string", "contentMediaType": "application/json",
                "contentSchema": Schema.reference("StateEvent"),
            ],
        ], required: ["event", "data"])

    static func route(_ service: StreamingService) -> APIRoute {
        APIRoute(
            .get, path, "followState",
            "What runs, as Server-Sent Events: an event `state` with everything, then an event `change` with the members "
                + "that changed and of `outputs` those that did, four times a second at most. Both are a `StateEvent`. An "
                + "event `alive` every \(keepAliveInterval.components.seconds) s says that there is nothing new.",
            tag: "runtime", access: .viewer,
            parameters: [
                RequestParameter(
                    name: "follow",
                    description: "Whether to go on after the first event; false answers it alone. true when left out.",
                    schema: Schema.boolean)
            ],
            response: eventSchema, responseType: contentType, refusals: [.serviceUnavailable]
        ) { request in
            let identity = request.identity ?? .open
            let follower = try await service.followState(
                as: identity.role, from: request.remoteAddress, query: request.query)
            let stream = EventStream(
                follower: follower, departure: request.client.departure,
                isAllowed: { await service.accounts.stillHolds(identity) })
            return APIResponse(
                body: .stream(.ok, stream.body),
                headers: [
                    .contentType: contentType, .cacheControl: "no-store, no-transform", .accelBuffering: "no",
                ])
        }
    }
}

/// One client's events.
struct EventStream: Sendable {
    var follower: StateFollower
    /// Returns when the client has left.
    var departure: @Sendable () async -> Void
    /// Asked before each event: who follows may have been signed out since.
    var isAllowed: @Sendable () async -> Bool
    var keepAliveInterval = EventRoute.keepAliveInterval

    /// Written until the client leaves, the server stops, or the client may not go on.
    var body: ResponseBody {
        ResponseBody { writer in
            // Three looks an interval: a client that heard something a moment before one is told again by the next but one.
            let ticks = Task {
                while (try? await Task.sleep(for: keepAliveInterval / 3)) != nil { follower.wake() }
            }
            let leaving = Task {
                await departure()
                follower.end()
            }
            defer {
                ticks.cancel()
                leaving.cancel()
            }
            try await withGracefulShutdownHandler {
                try await write(to: &writer)
            } onGracefulShutdown: {
                follower.end()
            }
            try await writer.finish(nil)
        }
    }

    private func write(to writer: inout any ResponseBodyWriter) async throws {
        var known = 0
        try await writer.write(ByteBuffer(string: "retry: \(EventRoute.retry.milliseconds)\n\n"))
        if let news = follower.news(since: known) {
            known = news.version
            try await writer.write(Self.event(news))
        }
        var lastWrite = ContinuousClock.now
        for await _ in follower.wakes {
            guard await isAllowed() else { return }
            if let news = follower.news(since: known) {
                known = news.version
                try await writer.write(Self.event(news))
            } else if lastWrite.duration(to: .now) >= keepAliveInterval * 2 / 3 {
                // A comment, which a page does not hear of, and an event, by which it knows that the connection is alive.
                try await writer.write(
                    ByteBuffer(string: ": nothing new\nevent: alive\ndata: {\"at_unix\":\(Self.unixTime)}\n\n"))
            } else {
                continue
            }
            lastWrite = .now
        }
    }

    private static func event(_ news: StateNews) -> ByteBuffer {
        var members = news.json.objectValue ?? [:]
        members["at_unix"] = .number(unixTime)
        // JSON has no line breaks of its own: one `data` field holds it.
        var buffer = ByteBuffer(string: "id: \(news.version)\nevent: \(news.isWhole ? "state" : "change")\ndata: ")
        buffer.writeBytes(JSONValue.object(members).data)
        buffer.writeString("\n\n")
        return buffer
    }

    private static var unixTime: Double { Date().timeIntervalSince1970 }
}

extension Duration {
    fileprivate var milliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }
}
