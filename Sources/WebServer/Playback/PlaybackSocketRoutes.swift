import ConnectionLimits
import ControlPlane
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import StreamModel

/// Streams by WebSocket: MP4 for Media Source Extensions, and the signalling of WebRTC, in go2rtc's messages
/// (`docs/playing-by-websocket.md`).
struct PlaybackSocketRoutes {
    var service: StreamingService
    var counter: ConnectionCounter

    static let base = "/api/streams/playback"

    /// WebSockets at once, in all and from one address: a page has sixteen tiles.
    static func counter(_ logger: Logger) -> ConnectionCounter {
        ConnectionCounter("WebSockets", total: 256, perNetwork: 64, logger: logger)
    }

    var routes: [APIRoute] { [byToken, byName] }

    private var byToken: APIRoute {
        APIRoute(
            .get, Self.base + "/{token}/mse", "openPlaybackSocket",
            "A WebSocket by which an output is played with Media Source Extensions, for who has an address with a token; "
                + "docs/playing-by-websocket.md has its messages.",
            tag: "media", access: .everyone, response: ["type": "object"], status: .switchingProtocols,
            refusals: [.upgradeRequired, .tooManyRequests, .serviceUnavailable], passesOn: true
        ) { [media = service.media] request in
            let token = request[parameter: "token"]
            try await media.check(token)
            return try open(request, token: token)
        }
    }

    private var byName: APIRoute {
        APIRoute(
            .get, "/api/ws", "openNamedPlaybackSocket",
            "The WebSocket of go2rtc's players, by MSE and by WebRTC, for the output that the engine serves on a path.",
            tag: "media", access: .viewer,
            parameters: [
                RequestParameter(
                    name: "src", description: "The path, as in the output's addresses.", schema: Schema.string)
            ],
            response: ["type": "object"], status: .switchingProtocols,
            refusals: [.notFound, .upgradeRequired, .tooManyRequests, .serviceUnavailable], needsCredentials: true,
            passesOn: true
        ) { [service] request in
            let token = try await service.playbackToken(
                path: request.query.objectValue?["src"]?.stringValue ?? "", for: request.viewer,
                credentials: request.credentials, address: request.remoteAddress)
            return try open(request, token: token)
        }
    }

    private func open(_ request: APIRequest, token: String) throws -> APIResponse {
        let headers: HTTPFields
        do throws(WebSocketHandshake.Refusal) {
            headers = try WebSocketHandshake.answer(request.headers)
        } catch {
            var headers = error.headers
            headers[.contentType] = "application/json"
            let body = ByteBuffer(bytes: JSONValue.object(["detail": .string(error.text)]).data)
            return APIResponse(body: .stream(.upgradeRequired, ResponseBody(byteBuffer: body)), headers: headers)
        }
        guard let place = SocketPlace(counter, address: request.remoteAddress) else {
            throw ControlPlaneError.tooManyRequests(retryAfterSeconds: 5)
        }
        let media = service.media
        let (userAgent, host, address) = (request.userAgent, request.host, request.remoteAddress)
        let source = PlaybackSocket.Source(
            open: { codecs throws(ControlPlaneError) in
                try await media.stream(token: token, codecs: codecs, userAgent: userAgent)
            },
            offer: { description throws(ControlPlaneError) in
                try await media.answer(
                    toOffer: description, token: token, userAgent: userAgent, host: host, address: address)
            },
            hold: { end throws(ControlPlaneError) in try await media.hold(token, end: end) })
        let socket = PlaybackSocket(source: source, channel: request.client.channel, place: place)
        return APIResponse(body: .stream(.switchingProtocols, socket.body), headers: headers)
    }
}
