import ConnectionLimits
import EngineContract
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import StreamModel
import StreamProtocols

/// The port of WebRTC: the signalling of viewers (WHEP, draft-ietf-wish-whep, on which MediaMTX's clients rely as well) and of
/// publishers (WHIP, RFC 9725), and a page that plays.
struct WebRTCResponder: HTTPResponder {
    typealias Context = EngineRequestContext

    /// Bytes of an offer or a fragment.
    private static let bodyLimit = 64 << 10
    private static let offerType = "application/sdp"
    private static let fragmentType = "application/trickle-ice-sdpfrag"

    private let engine: MediaEngine
    private let crossOrigin: CrossOrigin

    init(engine: MediaEngine, allowOrigins: [String]) {
        self.engine = engine
        crossOrigin = .webRTC(allowOrigins: allowOrigins)
    }

    func respond(to request: Request, context: EngineRequestContext) async throws -> Response {
        var response: Response
        do throws(WebRTCRefusal) {
            response = try await answer(request, context)
        } catch {
            response = Self.refusal(error)
        }
        response.headers.append(contentsOf: crossOrigin.headers(origin: request.headers[.origin]))
        return request.method == .head ? response.createHeadResponse() : response
    }

    private func answer(_ request: Request, _ context: EngineRequestContext) async throws(WebRTCRefusal) -> Response {
        if request.method == .options, request.headers[.accessControlRequestMethod] != nil {
            return Response(
                status: .noContent,
                headers: crossOrigin.preflightHeaders(
                    origin: request.headers[.origin],
                    asksForPrivateNetwork: request.headers[.accessControlRequestPrivateNetwork] == "true"))
        }
        switch WebRTCTarget(urlPath: request.uri.path) {
        case .redirect(let location): return Self.redirect(to: location, request)
        case .page(let path):
            guard request.method == .get || request.method == .head else {
                return Self.notAllowed("OPTIONS, GET, HEAD")
            }
            try await engine.authorizeWebRTC(Self.access(to: path, .view, request, context))
            return WHEPPage.response
        case .endpoint(let path, let role): return try await endpoint(path, role, request, context)
        case .session(let path, let secret): return try await session(secret, of: path, request)
        case nil: return EngineAnswer.failure(.notFound, "There is no such page.")
        }
    }

    // MARK: The endpoint

    private func endpoint(
        _ path: String, _ role: WebRTCTarget.Role, _ request: Request, _ context: EngineRequestContext
    ) async throws(WebRTCRefusal) -> Response {
        let access = Self.access(to: path, role, request, context)
        switch (request.method, role) {
        // RFC 9725 keeps HEAD for later.
        case (.options, _), (.head, .view):
            try await engine.authorizeWebRTC(access)
            var headers = await iceServers
            headers[.acceptPost] = Self.offerType
            return Response(status: .noContent, headers: headers)
        case (.post, _):
            try await engine.authorizeWebRTC(access)
            let body = try await Self.body(of: request, as: Self.offerType)
            let network = ClientNetwork(context.remoteAddress)
            let query = request.uri.query ?? ""
            let opened: WebRTCServer.Opened
            switch role {
            case .view: opened = try await engine.openWebRTC(access, network: network, query: query, offer: body)
            case .publish: opened = try await engine.publishWebRTC(access, network: network, query: query, offer: body)
            }
            var headers = await iceServers
            headers[.contentType] = Self.offerType
            // Relative, so that it holds behind a proxy's prefix.
            headers[.location] = "\(role.rawValue)/\(opened.secret)"
            headers[.eTag] = opened.entityTag
            headers[.id] = opened.id
            headers[.acceptPatch] = Self.fragmentType
            headers[.cacheControl] = "no-store"
            return Response(
                status: .created, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(string: opened.answer)))
        case (_, .view): return Self.notAllowed("OPTIONS, HEAD, POST")
        case (_, .publish): return Self.notAllowed("OPTIONS, POST")
        }
    }

    /// The STUN and TURN servers by which clients may find a way (RFC 9725 §4.6).
    private var iceServers: HTTPFields {
        get async {
            var headers = HTTPFields()
            for server in await engine.iceServers {
                headers.append(HTTPField(name: .link, value: server.link))
            }
            return headers
        }
    }

    // MARK: Sessions

    /// Whoever knows the address of a session has been let in.
    private func session(
        _ secret: String, of path: String, _ request: Request
    ) async throws(WebRTCRefusal) -> Response {
        switch request.method {
        case .options: return Response(status: .noContent, headers: [.acceptPatch: Self.fragmentType])
        case .patch:
            let body = try await Self.body(of: request, as: Self.fragmentType)
            let fragment: ICEFragment
            do throws(WebRTCOfferError) {
                fragment = try ICEFragment(parsing: body[...])
            } catch {
                throw .offer(error)
            }
            try await engine.patchWebRTC(
                secret: secret, path: path, entityTag: request.headers[.ifMatch],
                usernameFragment: fragment.usernameFragment)
            return Response(status: .noContent)
        case .delete:
            try await engine.endWebRTC(secret: secret, path: path)
            return Response(
                status: .ok, headers: [.contentType: "application/json"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: #"{"status":"ok"}"#)))
        default: return Self.notAllowed("OPTIONS, PATCH, DELETE")
        }
    }

    // MARK: Requests

    private static func access(
        to path: String, _ role: WebRTCTarget.Role, _ request: Request, _ context: EngineRequestContext
    ) -> AccessRequest {
        AccessRequest(
            action: role == .publish ? .publish : .read, path: path, address: IPAddress(context.remoteAddress),
            credentials: AccessCredentials(authorization: request.headers[.authorization]))
    }

    private static func body(of request: Request, as mediaType: String) async throws(WebRTCRefusal) -> [UInt8] {
        let given = request.headers[.contentType]?.prefix { $0 != ";" }.trimmingCharacters(in: .whitespaces)
        guard given?.lowercased() == mediaType else { throw .unsupportedContentType(expected: mediaType) }
        do {
            return [UInt8](try await request.body.collect(upTo: bodyLimit).readableBytesView)
        } catch {
            throw .tooLong(limit: bodyLimit)
        }
    }

    // MARK: Responses

    private static func redirect(to location: String, _ request: Request) -> Response {
        let query = request.uri.query.map { "?" + $0 } ?? ""
        return Response(status: .found, headers: [.location: location + query, .cacheControl: "no-cache"])
    }

    private static func notAllowed(_ methods: String) -> Response {
        EngineAnswer.failure(.methodNotAllowed, "This address takes \(methods).", [.allow: methods])
    }

    private static func refusal(_ refusal: WebRTCRefusal) -> Response {
        var headers = HTTPFields()
        if case .unauthorized = refusal { headers = EngineAnswer.challenge }
        if case .unsupportedContentType(let expected) = refusal {
            headers[expected == offerType ? .acceptPost : .acceptPatch] = expected
        }
        if let seconds = refusal.retryAfterSeconds { headers[.retryAfter] = String(seconds) }
        return EngineAnswer.failure(refusal.status, refusal.description, headers)
    }
}

extension ICEServer {
    /// As a `Link` header has it (RFC 9725 §4.6).
    fileprivate var link: String {
        guard !username.isEmpty || !password.isEmpty else { return "<\(url)>; rel=\"ice-server\"" }
        func quoted(_ text: String) -> String {
            "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
        }
        return "<\(url)>; rel=\"ice-server\"; username=\(quoted(username)); credential=\(quoted(password)); "
            + "credential-type=\"password\""
    }
}

extension HTTPField.Name {
    static let acceptPatch = HTTPField.Name("Accept-Patch")!
    static let acceptPost = HTTPField.Name("Accept-Post")!
    static let id = HTTPField.Name("ID")!
    static let link = HTTPField.Name("Link")!
}
