import ConnectionLimits
import ControlPlane
import HTTPTypes
import Hummingbird
import StreamModel

/// Streams under this server's own origin: `/api/media/{token}/…`. Whoever has such an address may watch one output, for some
/// minutes and as long as it is renewed; so these routes ask for no account.
struct MediaRoutes {
    var service: StreamingService

    static let base = "/api/media"
    private static let stream = base + "/{token}"
    private static let session = stream + "/whep/{session}"

    var routes: [APIRoute] { [file] + viewer + signalling }

    private var media: MediaGateway { service.media }

    private var file: APIRoute {
        APIRoute(
            .get, Self.stream + "/{file}", "getMedia",
            "A playlist or a segment of HLS. index.m3u8 of a stream that starts is held, or answered 202 to ask again.",
            tag: "media", access: .everyone,
            parameters: [
                RequestParameter(
                    place: .header, name: "Prefer",
                    description: "With respond-async (RFC 7240), nothing is held for more than a second.",
                    schema: Schema.string)
            ],
            response: ["type": "string", "contentMediaType": "application/octet-stream"],
            responseType: "application/octet-stream",
            accepted: "The stream is starting; ask again. Only to who prefers that to waiting.",
            refusals: [.badRequest, .notFound, .tooManyRequests, .badGateway, .serviceUnavailable], passesOn: true
        ) { [media] request in
            let file = request[parameter: "file"]
            let (token, passedOn) = (request.token, request.toPassOn)
            // A blocking reload of low-latency HLS: nobody waits for it any more when the viewer has left.
            guard passedOn.query["_HLS_msn"] != nil else {
                return Self.response(try await media.file(file, token: token, passedOn))
            }
            return Self.response(
                try await request.client.whilePresent { try await media.file(file, token: token, passedOn) })
        }
    }

    private var viewer: [APIRoute] {
        let path = Self.stream + "/viewer"
        return [
            APIRoute(
                .post, path, "renewPlayback",
                "Somebody goes on watching: the address stays good for some minutes more.",
                tag: "media", access: .viewer, response: Schema.reference("PlaybackRenewal"),
                refusals: [.serviceUnavailable]
            ) { [media] request in
                APIResponse(["playback_expires_in_seconds": .integer(try await media.renew(request.token))])
            },
            APIRoute(
                .delete, path, "endPlayback", "Whoever watched by this address has left; it is good no more.",
                tag: "media", access: .everyone, response: Schema.reference("PlaybackEnd"),
                refusals: [.serviceUnavailable]
            ) { [service] request in
                try await service.endPlayback(token: request.token)
                return APIResponse(["ended": true])
            },
        ]
    }

    private var signalling: [APIRoute] {
        let description: JSONValue = ["type": "string", "contentMediaType": "application/sdp"]
        let refusals: [HTTPResponse.Status] = [
            .badRequest, .notFound, .tooManyRequests, .badGateway, .serviceUnavailable,
        ]
        return [
            APIRoute(
                .options, Self.stream + "/whep", "getICEServers", "The ICE servers for WHEP, in Link fields.",
                tag: "media", access: .everyone, response: Schema.string, responseType: "text/plain", mayBeEmpty: true,
                refusals: refusals
            ) { [media] request in
                Self.response(try await media.signal(.options, token: request.token, request.toPassOn))
            },
            APIRoute(
                .post, Self.stream + "/whep", "offerPlayback", "Begins to play by WebRTC (WHEP).", tag: "media",
                access: .everyone, request: "SessionDescription", requestType: "application/sdp",
                response: description, responseType: "application/sdp",
                status: .created, refusals: refusals, bodyLimit: MediaSignal.sizeLimit
            ) { [media] request in
                Self.response(try await media.signal(.offer, token: request.token, request.toPassOn))
            },
            APIRoute(
                .patch, Self.session, "sendCandidates", "Sends candidates that were found later.", tag: "media",
                access: .everyone, request: "CandidateFragment", requestType: "application/trickle-ice-sdpfrag",
                response: description,
                responseType: "application/trickle-ice-sdpfrag", mayBeEmpty: true, refusals: refusals,
                bodyLimit: MediaSignal.sizeLimit
            ) { [media] request in
                let session = request[parameter: "session"]
                return Self.response(
                    try await media.signal(.fragment, token: request.token, session: session, request.toPassOn))
            },
            APIRoute(
                .delete, Self.session, "endWebRTCSession", "Ends playing by WebRTC.", tag: "media", access: .everyone,
                response: ["type": "object"], mayBeEmpty: true, refusals: refusals
            ) { [media] request in
                let session = request[parameter: "session"]
                return Self.response(
                    try await media.signal(.goodbye, token: request.token, session: session, request.toPassOn))
            },
        ]
    }

    /// Passes an answer on while it comes. A client that leaves makes the write fail, which ends the engine's transfer.
    private static func response(_ answer: MediaAnswer) -> APIResponse {
        // What is behind a token is nobody else's: no page of another origin, and no cache that others share.
        var headers: HTTPFields = [.crossOriginResourcePolicy: "same-origin", .cacheControl: "no-store"]
        for (name, value) in answer.headers {
            guard let name = HTTPField.Name(name) else { continue }
            if name == .cacheControl {
                headers[name] = "private, " + value
            } else if name == .link {
                headers.append(HTTPField(name: name, value: value))
            } else {
                headers[name] = value
            }
        }
        let status = HTTPResponse.Status(code: answer.status)
        guard status != .noContent, status != .notModified else {
            return APIResponse(body: .stream(status, ResponseBody()), headers: headers)
        }
        let body = ResponseBody(contentLength: answer.contentLength) { writer in
            try await answer.write { try await writer.write($0) }
            try await writer.finish(nil)
        }
        return APIResponse(body: .stream(status, body), headers: headers)
    }
}

extension APIRequest {
    fileprivate var token: String { self[parameter: "token"] }

    /// What an engine may see of it.
    fileprivate var toPassOn: MediaRequest {
        MediaRequest(
            headers: Dictionary(
                headers.map { ($0.name.canonicalName, $0.value) }, uniquingKeysWith: { first, _ in first }),
            query: (query.objectValue ?? [:]).compactMapValues(\.stringValue), body: content, host: host,
            address: remoteAddress)
    }
}

extension HTTPField.Name {
    fileprivate static let link = HTTPField.Name("link")!
}
