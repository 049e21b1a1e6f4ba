import ControlPlane
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import StreamModel
import WebSecurity

/// Puts the routes of the API into Hummingbird's router.
struct APIRouter {
    /// Bytes of a request's body at most, unless its route says otherwise.
    static let maximumBodySize = 1 << 20
    /// The same where no administrator is asked for: what others send are a few texts.
    static let smallBodySize = 16 << 10

    var routes: [APIRoute]

    func register(in router: Router<WebRequestContext>) {
        for route in routes {
            router.on(RouterPath(route.path), method: route.method) { request, context in
                try await withTaskExecutorPreference(route.passesOn ? nil : globalConcurrentExecutor) {
                    try await answer(request, context, route)
                }
            }
        }
        for (path, routes) in Dictionary(grouping: routes, by: \.path) {
            refuseOtherMethods(at: path, allowed: routes.map(\.method), in: router)
        }
    }

    /// Answers 405 with `Allow` (RFC 9110, 15.5.6) to the methods that a path does not have.
    private func refuseOtherMethods(
        at path: String, allowed: [HTTPRequest.Method], in router: Router<WebRequestContext>
    ) {
        let known: [HTTPRequest.Method] = [.get, .post, .put, .patch, .delete, .options]
        let allow = (allowed + (allowed.contains(.get) ? [.head] : [])).map(\.rawValue).sorted().joined(separator: ", ")
        for method in known where !allowed.contains(method) {
            router.on(RouterPath(path), method: method) { _, _ in
                var response = Response.failure(.methodNotAllowed, "Method Not Allowed")
                response.headers[.allow] = allow
                return response
            }
        }
    }

    private func answer(_ request: Request, _ context: WebRequestContext, _ route: APIRoute) async throws -> Response {
        // Before anything of the request is read.
        guard route.access.allows(context.identity) else {
            guard context.identity == nil else {
                return .failure(
                    .forbidden,
                    CodedMessage("needs_administrator", "This needs an administrator. Sign in as one."))
            }
            return .unauthorized(CodedMessage("needs_sign_in", "Sign in first."))
        }
        var parameters: [String: String] = [:]
        for name in route.parameterNames { parameters[name] = context.parameters.get(name)?.removingPercentEncoding }
        var query: [String: JSONValue] = [:]
        for (name, value) in request.uri.queryParameters {
            guard name.isStreamSafe, value.isStreamSafe else { throw Self.unreadableAddress }
            query[String(name)] = .string(String(value))
        }
        guard parameters.values.allSatisfy(\.isStreamSafe) else { throw Self.unreadableAddress }
        let isCollected = route.requestSchema != nil && !route.streamsBody
        let content = isCollected ? try await content(of: request, upTo: route.bodyLimit) : nil
        let isJSON = route.requestType == "application/json"
        let result = try await route.handler(
            APIRequest(
                parameters: parameters, query: .object(query),
                body: try isJSON ? content.map { try JSONValue(parsing: Data($0.readableBytesView)) } ?? .null : .null,
                content: isJSON ? nil : content, stream: route.streamsBody ? request.body : nil,
                headers: request.headers,
                host: context.origin.host(of: request.head),
                precondition: Precondition(ifMatch: request.headers[.ifMatch]),
                credentials: ReadCredentials(authorization: request.headers[.authorization]),
                identity: context.identity,
                remoteAddress: context.origin.address, userAgent: request.headers[.userAgent] ?? "",
                isSecure: context.origin.isSecure, client: context.client))
        var response =
            switch result.body {
            case .json(let value): Response.json(value)
            case .data(let data):
                Response(
                    status: .ok, headers: [.contentType: route.responseType, .cacheControl: "no-store"],
                    body: ResponseBody(byteBuffer: ByteBuffer(bytes: data)))
            case .none: Response(status: .noContent, headers: [.cacheControl: "no-store"])
            case .stream(let status, let body): Response(status: status, body: body)
            }
        for name in Set(result.headers.map(\.name)) { response.headers[values: name] = result.headers[values: name] }
        if let warning = result.warning {
            response.headers[.toposyncWarning] = warning.text.asHeaderValue
            response.headers[.toposyncWarningMessage] = String(decoding: warning.json.data, as: UTF8.self).asHeaderValue
        }
        return response
    }

    private static let unreadableAddress = HTTPError(
        .badRequest, message: "The address has more combining marks in a row than any writing has.")

    private func content(of request: Request, upTo limit: Int) async throws -> ByteBuffer {
        var request = request
        let buffer: ByteBuffer
        do {
            buffer = try await request.collectBody(upTo: limit)
        } catch is NIOTooManyBytesError {
            throw ControlPlaneError.tooLarge(
                CodedMessage(
                    "request_too_large", "The request is larger than \(limit) bytes.", ["limit": .integer(limit)]))
        } catch {
            // Its client has left in the middle: nothing of ours has failed, and nobody reads the answer.
            throw HTTPError(.badRequest, message: "The body of the request was not sent to its end.")
        }
        guard buffer.readableBytes > 0 else {
            throw ValidationError(.missingField, at: ["body"], type: "missing")
        }
        return buffer
    }
}

extension ReadCredentials {
    /// Those of a header field `Authorization` with the scheme `Basic` (RFC 7617 §2); nil when it holds none.
    init?(authorization: String?) {
        let parts = (authorization ?? "").split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "basic",
            let data = Data(base64Encoded: parts[1].trimmed), let text = String(data: data, encoding: .utf8),
            let colon = text.firstIndex(of: ":")
        else { return nil }
        self.init(username: String(text[..<colon]), password: Secret(String(text[text.index(after: colon)...])))
    }
}
