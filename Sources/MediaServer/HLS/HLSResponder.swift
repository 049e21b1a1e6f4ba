import ConnectionLimits
import EngineContract
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import StreamModel
import StreamProtocols

/// Answers the requests of HLS players: `GET` and `HEAD` of playlists and segments, and CORS preflights.
struct HLSResponder: HTTPResponder {
    typealias Context = EngineRequestContext

    private let delivery: HLSDelivery
    private let crossOrigin: CrossOrigin

    init(delivery: HLSDelivery) {
        self.delivery = delivery
        crossOrigin = CrossOrigin.hls(allowOrigins: delivery.settings.allowOrigins)
    }

    func respond(to request: Request, context: EngineRequestContext) async throws -> Response {
        var response = await answer(request, context)
        response.headers.append(contentsOf: crossOrigin.headers(origin: request.headers[.origin]))
        return request.method == .head ? response.createHeadResponse() : response
    }

    private func answer(_ request: Request, _ context: EngineRequestContext) async -> Response {
        switch request.method {
        case .get, .head:
            break
        case .options:
            return Response(
                status: .noContent,
                headers: crossOrigin.preflightHeaders(
                    origin: request.headers[.origin],
                    asksForPrivateNetwork: request.headers[.accessControlRequestPrivateNetwork] == "true"))
        default:
            return EngineAnswer.failure(
                .methodNotAllowed, "HLS is read by GET and HEAD.", [.allow: "OPTIONS, GET, HEAD"])
        }
        guard let target = HLSRequestTarget(urlPath: request.uri.path) else {
            return Self.refusal(.notFound)
        }
        let client = Self.client(request, context)
        do throws(HLSRefusal) {
            switch target {
            case .redirect(let location):
                let query = request.uri.query.map { "?" + $0 } ?? ""
                return Response(status: .found, headers: [.location: location + query, .cacheControl: "no-cache"])
            case .multivariantPlaylist(let path):
                return Self.playlist(try await delivery.multivariantPlaylist(path: path, client: client))
            case .mediaPlaylist(let path):
                let directives = try Self.directives(request)
                let text = try await Self.whilePresent(context, isHeld: directives.awaited != nil) {
                    [delivery] () async throws(HLSRefusal) in
                    try await delivery.mediaPlaylist(path: path, client: client, directives)
                }
                return Self.playlist(text)
            case .stream(let path):
                guard request.method == .get else {
                    try await delivery.authorizeMP4(path: path, client: client)
                    return Response(status: .ok, headers: [.contentType: "video/mp4", .cacheControl: "no-store"])
                }
                let codecs = MP4Codecs(request.uri.queryParameters["codecs"])
                return Self.stream(
                    try await delivery.openMP4(
                        path: path, codecs: codecs, client: client, eventLoop: context.eventLoop),
                    on: context.eventLoop)
            case .file(let path, let name):
                let content = try await Self.whilePresent(context, isHeld: HLSMuxer.canBePart(name)) {
                    [delivery] () async throws(HLSRefusal) in
                    try await delivery.content(path: path, name: name, client: client)
                }
                return Self.segment(content, name: name, range: request.headers[.range])
            }
        } catch {
            return Self.refusal(error)
        }
    }

    // MARK: Requests

    /// Does what may have to wait, for as long as the client does.
    private static func whilePresent<Result: Sendable>(
        _ context: EngineRequestContext, isHeld: Bool,
        _ operation: @escaping @Sendable () async throws(HLSRefusal) -> Result
    ) async throws(HLSRefusal) -> Result {
        guard isHeld, let client = context.client else { return try await operation() }
        do {
            return try await client.whilePresent { try await operation() }
        } catch {
            throw error as? HLSRefusal ?? .closing
        }
    }

    private static func directives(_ request: Request) throws(HLSRefusal) -> DeliveryDirectives {
        let query = request.uri.queryParameters
        do throws(DeliveryDirectiveError) {
            return try DeliveryDirectives(
                mediaSequenceNumber: query["_HLS_msn"], part: query["_HLS_part"], skip: query["_HLS_skip"])
        } catch {
            throw .badDirective(error)
        }
    }

    private static func client(_ request: Request, _ context: EngineRequestContext) -> HLSClient {
        let session = request.uri.queryParameters["session"].flatMap { HLSSession.isValidID($0) ? String($0) : nil }
        return HLSClient(
            address: IPAddress(context.remoteAddress),
            network: ClientNetwork(context.remoteAddress),
            remoteAddress: context.remoteAddressText,
            userAgent: String((request.headers[.userAgent] ?? "").prefix(256)),
            credentials: AccessCredentials(authorization: request.headers[.authorization]),
            sessionID: session
        )
    }

    // MARK: Responses

    private static func playlist(_ text: String) -> Response {
        Response(
            status: .ok,
            headers: [.contentType: "application/vnd.apple.mpegurl", .cacheControl: "no-cache"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text))
        )
    }

    /// A segment never changes and its name is never used again, so that it may be cached. The buffer is shared with
    /// every other viewer.
    private static func segment(_ content: ByteBuffer, name: String, range: String?) -> Response {
        var headers: HTTPFields = [
            .contentType: name.hasSuffix(".ts") ? "video/mp2t" : "video/mp4",
            .cacheControl: "max-age=3600, immutable",
            .acceptRanges: "bytes",
        ]
        let length = content.readableBytes
        switch HTTPByteRange(range, bodyLength: length) {
        case .whole:
            return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: content))
        case .part(let part):
            guard let slice = content.getSlice(at: content.readerIndex + part.lowerBound, length: part.count) else {
                return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: content))
            }
            headers[.contentRange] = "bytes \(part.lowerBound)-\(part.upperBound - 1)/\(length)"
            return Response(status: .partialContent, headers: headers, body: ResponseBody(byteBuffer: slice))
        case .notSatisfiable:
            return EngineAnswer.failure(
                .rangeNotSatisfiable,
                "The segment has \(length) bytes.",
                [.contentRange: "bytes */\(length)"]
            )
        }
    }

    /// Written on the connection's event loop, to which the pieces come: on the concurrent pool each would wake two threads.
    private static func stream(_ playback: MP4Playback, on eventLoop: any EventLoop) -> Response {
        let executor = EventLoopTaskExecutor(eventLoop)
        let body = ResponseBody { writer in
            try await withTaskExecutorPreference(executor) {
                try await playback.send { try await writer.write(contentsOf: $0) }
            }
            try await writer.finish(nil)
        }
        return Response(
            status: .ok, headers: [.contentType: playback.contentType, .cacheControl: "no-store"], body: body)
    }

    private static func refusal(_ refusal: HLSRefusal) -> Response {
        let status: HTTPResponse.Status =
            switch refusal {
            case .unauthorized: .unauthorized
            case .noStream, .notFound: .notFound
            case .noCodec: .notAcceptable
            case .sourceTimedOut, .sourceFailed, .noPicture: .internalServerError
            case .tooManyReaders, .tooManyViewers, .closing: .serviceUnavailable
            case .tooFarAhead, .badDirective: .badRequest
            case .notInTime: .serviceUnavailable
            case .sessionClosed: .gone
            }
        return EngineAnswer.failure(
            status, refusal.description, refusal == .unauthorized ? EngineAnswer.challenge : [:])
    }
}
