import ConnectionLimits
import EngineContract
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import StreamProtocols

/// What a request needs to know of its connection.
struct HLSRequestContext: InitializableFromSource {
    var remoteAddress: SocketAddress?

    init(source: ApplicationRequestContextSource) {
        remoteAddress = source.channel.remoteAddress
    }

    init(remoteAddress: SocketAddress?) {
        self.remoteAddress = remoteAddress
    }
}

/// Answers the requests of HLS players: `GET` and `HEAD` of playlists and segments, and CORS preflights.
struct HLSResponder: HTTPResponder {
    typealias Context = HLSRequestContext

    private let delivery: HLSDelivery
    private let crossOrigin: HLSCrossOrigin

    init(delivery: HLSDelivery) {
        self.delivery = delivery
        crossOrigin = HLSCrossOrigin(allowOrigins: delivery.settings.allowOrigins)
    }

    func respond(to request: Request, context: HLSRequestContext) async throws -> Response {
        var response = await answer(request, context)
        response.headers.append(contentsOf: crossOrigin.headers(origin: request.headers[.origin]))
        return request.method == .head ? response.createHeadResponse() : response
    }

    private func answer(_ request: Request, _ context: HLSRequestContext) async -> Response {
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
            return Self.failure(.methodNotAllowed, "HLS is read by GET and HEAD.", [.allow: "OPTIONS, GET, HEAD"])
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
                return Self.playlist(try await delivery.mediaPlaylist(path: path, client: client))
            case .file(let path, let name):
                let content = try await delivery.content(path: path, name: name, client: client)
                return Self.segment(content, name: name, range: request.headers[.range])
            }
        } catch {
            return Self.refusal(error)
        }
    }

    // MARK: Requests

    private static func client(_ request: Request, _ context: HLSRequestContext) -> HLSClient {
        let session = request.uri.queryParameters["session"].flatMap { HLSSession.isValidID($0) ? String($0) : nil }
        return HLSClient(
            address: IPAddress(context.remoteAddress),
            network: ClientNetwork(context.remoteAddress),
            remoteAddress: remoteAddressText(context.remoteAddress),
            userAgent: String((request.headers[.userAgent] ?? "").prefix(256)),
            credentials: credentials(request.headers[.authorization]),
            sessionID: session
        )
    }

    private static func remoteAddressText(_ address: SocketAddress?) -> String {
        guard let ip = IPAddress(address), let port = address?.port else { return "" }
        return ip.isIPv4 ? "\(ip):\(port)" : "[\(ip)]:\(port)"
    }

    /// Basic, or as MediaMTX has it `Bearer user:password`; anything else shows nothing.
    private static func credentials(_ header: String?) -> AccessCredentials {
        guard let header, let parsed = try? HTTPCredentials(parsing: header) else { return .none }
        switch parsed {
        case .basic(let basic):
            return .password(user: basic.user, password: basic.password)
        case .bearer(let token):
            guard let colon = token.value.firstIndex(of: ":") else { return .none }
            let password = token.value[token.value.index(after: colon)...]
            return .password(user: String(token.value[..<colon]), password: String(password))
        case .digest:
            return .none
        }
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
            return failure(
                .rangeNotSatisfiable,
                "The segment has \(length) bytes.",
                [.contentRange: "bytes */\(length)"]
            )
        }
    }

    private static func refusal(_ refusal: HLSRefusal) -> Response {
        let status: HTTPResponse.Status =
            switch refusal {
            case .unauthorized: .unauthorized
            case .noStream, .notFound: .notFound
            case .sourceTimedOut, .sourceFailed, .noPicture: .internalServerError
            case .tooManyReaders, .tooManyViewers, .closing: .serviceUnavailable
            case .sessionClosed: .gone
            }
        let challenge: HTTPFields =
            refusal == .unauthorized
            ? [.wwwAuthenticate: BasicCredentials.challenge(realm: "toposync-streaming")] : [:]
        return failure(status, refusal.description, challenge)
    }

    private static func failure(_ status: HTTPResponse.Status, _ text: String, _ headers: HTTPFields) -> Response {
        var headers = headers
        headers[.contentType] = "application/json"
        headers[.cacheControl] = "no-cache"
        let body = (try? JSONEncoder().encode(ControlAPI.Failure(text))) ?? Data()
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
    }
}
