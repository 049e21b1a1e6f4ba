import ConnectionLimits
import EngineContract
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import StreamModel
import StreamProtocols
import WebSecurity

/// Answers the requests of the control API (v3): the subset of MediaMTX's that we use (reference: mediamtx-facts E.4).
struct ControlAPIResponder: HTTPResponder {
    typealias Context = EngineRequestContext

    /// Bytes of a request's body.
    private static let bodyLimit = 1 << 20

    private let api: EngineControl
    private let requestGuard: RequestGuard

    /// - Parameter allowOrigins: whose pages may use the API. `*`, MediaMTX's default, is not one of them: whoever may use
    ///   the API from this machine without a password would lend that to every page that is opened here, and the API can
    ///   add a path with a command.
    init(api: EngineControl, allowOrigins: [String]) {
        self.api = api
        let names = allowOrigins.compactMap { origin in
            origin.firstRange(of: "://").flatMap { HostName(authority: String(origin[$0.upperBound...]))?.name }
        }
        requestGuard = RequestGuard(
            ownNames: Set(names), allowedOrigins: Set(allowOrigins), setting: "apiAllowOrigins, as in http://name:9997")
    }

    func respond(to request: Request, context: EngineRequestContext) async throws -> Response {
        if let refusal = requestGuard.refusal(of: request.head) { return Self.failure(refusal.status, refusal.detail) }
        var response = await answer(request, context)
        if let origin = request.headers[.origin], requestGuard.allowedOrigins.contains(origin) {
            response.headers[.accessControlAllowOrigin] = origin
        }
        response.headers[.vary] = "Origin"
        return response
    }

    private func answer(_ request: Request, _ context: EngineRequestContext) async -> Response {
        if request.method == .options {
            return Response(
                status: .noContent,
                headers: [
                    .accessControlAllowMethods: "OPTIONS, GET, POST, PATCH, DELETE",
                    .accessControlAllowHeaders: "Authorization, Content-Type",
                ])
        }
        switch await api.authorize(IPAddress(context.remoteAddress), Self.credentials(request)) {
        case .allowed: break
        case .credentialsMissing, .denied:
            var response = Self.failure(.unauthorized, "authentication error")
            response.headers[.wwwAuthenticate] = BasicCredentials.challenge(realm: "toposync-streaming")
            return response
        }
        do throws(ControlAPIFailure) {
            return try await route(request)
        } catch {
            return Self.failure(error.status, error.message)
        }
    }

    private func route(_ request: Request) async throws(ControlAPIFailure) -> Response {
        guard let route = ControlAPIRoute(urlPath: request.uri.path) else { throw .notFound("not found") }
        guard request.method == route.method else {
            throw ControlAPIFailure(status: .methodNotAllowed, message: "this needs \(route.method.rawValue)")
        }
        switch route {
        case .info: return Self.json(api.info)
        case .globalGet: return Self.json(await api.globalSettings())
        case .globalPatch:
            let changes = try await members(of: request)
            try await change { try await api.patchGlobal(changes) }
        case .pathConfigurationList: return try await listPathConfigurations(request)
        case .pathConfigurationGet(let name):
            guard let settings = await api.engine.configuration.paths[name] else {
                throw .notFound("path configuration not found")
            }
            return Self.json(Self.document(name: name, settings))
        case .pathConfigurationAdd(let name):
            let keys = try await members(of: request)
            try await change { try await api.engine.changePath(name, .add(keys)) }
        case .pathConfigurationPatch(let name):
            let keys = try await members(of: request)
            try await change { try await api.engine.changePath(name, .patch(keys)) }
        case .pathConfigurationReplace(let name):
            let keys = try await members(of: request)
            try await change { try await api.engine.changePath(name, .replace(keys)) }
        case .pathConfigurationDelete(let name):
            try await change { try await api.engine.changePath(name, .delete) }
        case .pathList: return try page(await api.paths(), request)
        case .pathGet(let name):
            guard let path = await api.path(name) else { throw .notFound("path not found") }
            return Self.json(path)
        case .rtspConnectionList: return try page(await api.engine.listRTSPConnections(), request)
        case .rtspSessionList: return try page(await api.engine.listRTSPSessions(), request)
        case .rtspSessionGet(let id):
            guard let session = await api.engine.listRTSPSessions().first(where: { $0.id == id }) else {
                throw .notFound("session not found")
            }
            return Self.json(session)
        case .rtspSessionKick(let id):
            guard await api.engine.kickRTSPSession(id) else { throw .notFound("session not found") }
        case .rtmpConnectionList: return try page(await api.engine.listRTMPConnections(), request)
        case .rtmpConnectionGet(let id):
            guard let connection = await api.engine.listRTMPConnections().first(where: { $0.id == id }) else {
                throw .notFound("connection not found")
            }
            return Self.json(connection)
        case .rtmpConnectionKick(let id):
            guard await api.engine.kickRTMPConnection(id) else { throw .notFound("connection not found") }
        case .hlsSessionList: return try page(await api.hlsSessions(), request)
        case .hlsSessionGet(let id):
            guard let session = await api.hlsSessions().first(where: { $0.id == id }) else {
                throw .notFound("session not found")
            }
            return Self.json(session)
        case .hlsSessionKick(let id):
            guard await api.kickHLSSession(id) else { throw .notFound("session not found") }
        case .webRTCSessionList: return try page(await api.engine.listWebRTCSessions(), request)
        case .webRTCSessionGet(let id):
            guard let session = await api.engine.webRTCSession(id) else {
                throw .notFound("session not found")
            }
            return Self.json(session)
        case .webRTCSessionKick(let id):
            guard await api.engine.kickWebRTCSession(id) else { throw .notFound("session not found") }
        }
        return Self.json(ControlAPI.Success())
    }

    // MARK: Requests

    /// The members of the object in a request's body; none when it has no body.
    private func members(of request: Request) async throws(ControlAPIFailure) -> [String: JSONValue] {
        let body: ByteBuffer
        do {
            body = try await request.body.collect(upTo: Self.bodyLimit)
        } catch {
            throw ControlAPIFailure(
                status: .contentTooLarge, message: "the body is longer than \(Self.bodyLimit) bytes")
        }
        guard body.readableBytes > 0 else { return [:] }
        // A page can send anything else than JSON without asking the browser first.
        let mediaType = request.headers[.contentType]?.prefix { $0 != ";" }.trimmingCharacters(in: .whitespaces)
        guard mediaType?.lowercased() == "application/json" else {
            throw ControlAPIFailure(
                status: .unsupportedMediaType, message: "the body has to be sent with Content-Type: application/json")
        }
        guard
            let document = try? JSONValue(parsing: Data(body.readableBytesView)),
            var members = document.objectValue
        else { throw .badRequest("the body has to be a JSON object") }
        // What GET answers can be sent back.
        members["name"] = nil
        return members
    }

    private func change(_ body: () async throws -> Void) async throws(ControlAPIFailure) {
        do {
            try await body()
        } catch let error as SettingsError {
            if case .pathNotFound = error { throw .notFound("\(error)") }
            throw .badRequest("\(error)")
        } catch {
            // Of the configuration: what it says is for people, and holds no secret.
            throw .badRequest("\(error)")
        }
    }

    private func listPathConfigurations(_ request: Request) async throws(ControlAPIFailure) -> Response {
        let all = await api.engine.configuration.paths.sorted { $0.key < $1.key }
            .map { Self.document(name: $0.key, $0.value) }
        return try page(all, request)
    }

    private static func document(name: String, _ settings: PathConfiguration) -> JSONValue {
        var members = settings.json.objectValue ?? [:]
        members["name"] = .string(name)
        return .object(members)
    }

    private func page<Item: Codable & Hashable & Sendable>(
        _ all: [Item], _ request: Request
    ) throws(ControlAPIFailure) -> Response {
        func number(
            _ name: String, default usual: Int, from lowest: Int, to highest: Int
        )
            throws(ControlAPIFailure) -> Int
        {
            guard let text = request.uri.queryParameters[name[...]] else { return usual }
            guard let value = Int(text), (lowest...highest).contains(value) else {
                throw .badRequest("\(name) has to be a number from \(lowest) to \(highest)")
            }
            return value
        }
        let page = try number("page", default: 0, from: 0, to: 1_000_000)
        let size = try number("itemsPerPage", default: 100, from: 1, to: 1000)
        return Self.json(ControlAPI.Page(of: all, page: page, itemsPerPage: size))
    }

    private static func credentials(_ request: Request) -> AccessCredentials {
        guard
            let header = request.headers[.authorization], let parsed = try? HTTPCredentials(parsing: header),
            case .basic(let basic) = parsed
        else { return .none }
        return .password(user: basic.user, password: basic.password)
    }

    // MARK: Responses

    private static func json(_ value: some Encodable) -> Response {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let body = try? encoder.encode(value) else {
            return failure(.internalServerError, "the answer could not be written")
        }
        return Response(
            status: .ok, headers: [.contentType: "application/json", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
    }

    private static func failure(_ status: HTTPResponse.Status, _ message: String) -> Response {
        var response = json(ControlAPI.Failure(message))
        response.status = status
        return response
    }
}

/// A refusal of the control API.
struct ControlAPIFailure: Error {
    var status: HTTPResponse.Status
    var message: String

    static func notFound(_ message: String) -> ControlAPIFailure {
        ControlAPIFailure(status: .notFound, message: message)
    }

    static func badRequest(_ message: String) -> ControlAPIFailure {
        ControlAPIFailure(status: .badRequest, message: message)
    }
}
