import Foundation
import HTTPTypes
import StreamModel

/// What a route's handler is given.
struct APIRequest: Sendable {
    /// The values of the path's `{parameters}`.
    var parameters: [String: String]
    /// The members of the query, all of them texts; the last of those with one name.
    var query: JSONValue
    /// The body; null when none was sent.
    var body: JSONValue
    /// The host name that the client used for us, without port; it stands in the URLs that we answer.
    var host: String?

    /// The value of a parameter that the path of the route declares.
    subscript(parameter name: String) -> String { parameters[name] ?? "" }
}

/// What a route's handler answers.
struct APIResponse: Sendable {
    enum Body: Sendable {
        case json(JSONValue)
        case data(Data)
    }

    var body: Body
    /// What went wrong when a saved change was put into effect; sent as the header `x-toposync-warning`.
    var warning: String?
    /// Beside those of every answer, or in place of them.
    var headers: HTTPFields = [:]

    init(_ body: JSONValue, warning: String? = nil) {
        self.body = .json(body)
        self.warning = warning
    }

    /// An answer that is no JSON; the route says of what kind it is.
    init(data: Data, headers: HTTPFields) {
        body = .data(data)
        self.headers = headers
    }
}

/// A member of the query that an operation understands.
struct QueryParameter: Sendable {
    var name: String
    var description: String
    var schema: JSONValue
}

/// One operation of the HTTP API: the router and the OpenAPI document are both made from these.
struct APIRoute: Sendable {
    var method: HTTPRequest.Method
    /// With parameters in braces: `/api/cameras/{camera_id}`.
    var path: String
    /// The name that client generators give the operation.
    var operationID: String
    var summary: String
    var tag: String
    /// The name of the schema of the body; nil when the operation takes none.
    var requestSchema: String?
    var query: [QueryParameter]
    /// The schema of the successful answer.
    var responseSchema: JSONValue
    /// The media type of the successful answer.
    var responseType: String
    /// The refusals that the operation may answer beside those of every operation.
    var refusals: [HTTPResponse.Status]
    var handler: @Sendable (APIRequest) async throws -> APIResponse

    init(
        _ method: HTTPRequest.Method, _ path: String, _ operationID: String, _ summary: String, tag: String,
        request requestSchema: String? = nil, query: [QueryParameter] = [], response responseSchema: JSONValue,
        responseType: String = "application/json", refusals: [HTTPResponse.Status] = [],
        handler: @escaping @Sendable (APIRequest) async throws -> APIResponse
    ) {
        self.method = method
        self.path = path
        self.operationID = operationID
        self.summary = summary
        self.tag = tag
        self.requestSchema = requestSchema
        self.query = query
        self.responseSchema = responseSchema
        self.responseType = responseType
        self.refusals = refusals
        self.handler = handler
    }

    /// The names of the parameters of the path, in order.
    var parameterNames: [String] {
        path.split(separator: "/").filter { $0.hasPrefix("{") && $0.hasSuffix("}") }.map {
            String($0.dropFirst().dropLast())
        }
    }
}
