import ConnectionLimits
import ControlPlane
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import StreamModel

/// What a route's handler is given.
struct APIRequest: Sendable {
    /// The values of the path's `{parameters}`.
    var parameters: [String: String]
    /// The members of the query, all of them texts; the last of those with one name.
    var query: JSONValue
    /// The body; null when none was sent, or when it is no JSON.
    var body: JSONValue
    /// The body of a route that takes something else than JSON.
    var content: ByteBuffer?
    /// The body of a route that takes it as it comes.
    var stream: RequestBody?
    var headers: HTTPFields
    /// The host name that the client used for us, without port; it stands in the URLs that we answer.
    var host: String?
    /// What `If-Match` asks for.
    var precondition: Precondition
    /// The name and password of `Authorization: Basic …` (RFC 7617).
    var credentials: ReadCredentials?
    /// Who sends it; nil when nobody has signed in.
    var identity: Identity?
    /// The address that it comes from, without port.
    var remoteAddress: String
    /// What the client calls itself.
    var userAgent: String
    /// Whether it came by TLS.
    var isSecure: Bool
    /// Who waits for the answer.
    var client: RequestClient

    /// Who watches; everybody, where nobody is asked.
    var viewer: Identity { identity ?? .open }

    /// The value of a parameter that the path of the route declares.
    subscript(parameter name: String) -> String { parameters[name] ?? "" }
}

/// What a route's handler answers.
struct APIResponse: Sendable {
    enum Body: Sendable {
        case json(JSONValue)
        case data(Data)
        /// Nothing to show: the status 204.
        case none
        /// What is written, or passed on, as it comes; the headers say of what kind it is.
        case stream(HTTPResponse.Status, ResponseBody)
    }

    var body: Body
    /// What went wrong when a saved change was put into effect; sent in headers.
    var warning: CodedMessage?
    /// Beside those of every answer, or in place of them.
    var headers: HTTPFields = [:]

    init(_ body: JSONValue) { self.body = .json(body) }

    /// The representation of something that can be changed, with what `If-Match` may name it by.
    init(representing body: JSONValue, revision: Int) {
        self.body = .json(body)
        headers[.eTag] = EntityTag(of: body).description
        headers[.toposyncRevision] = String(revision)
    }

    /// What a change left, with its representation.
    init<Value>(_ applied: Applied<Value>, _ representation: (Value) -> JSONValue) {
        self.init(representing: representation(applied.value), revision: applied.revision)
        warning = applied.warning
    }

    /// A list whose elements can be changed one by one.
    init(listing elements: [JSONValue], revision: Int) {
        body = .json(.array(elements))
        headers[.toposyncRevision] = String(revision)
    }

    /// Something was deleted.
    init(deleted applied: Applied<some Any>) {
        body = .json(["deleted": true])
        headers[.toposyncRevision] = String(applied.revision)
        warning = applied.warning
    }

    static let none = APIResponse(body: .none)

    init(body: Body, headers: HTTPFields = [:]) {
        self.body = body
        self.headers = headers
    }

    /// An answer that is no JSON; the route says of what kind it is.
    init(data: Data, headers: HTTPFields) {
        body = .data(data)
        self.headers = headers
    }
}

/// A member of the query, or a header field, that an operation understands.
struct RequestParameter: Sendable {
    enum Place: String, Sendable {
        case query, header
    }

    var place = Place.query
    var name: String
    var description: String
    var schema: JSONValue

    /// Of operations that change something that is there.
    static let ifMatch = RequestParameter(
        place: .header, name: "If-Match",
        description: "The ETag of what is to be changed; when it is not that any more, nothing is changed (412).",
        schema: Schema.string)
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
    /// Who may use it.
    var access: RouteAccess
    /// The name of the schema of the body; nil when the operation takes none.
    var requestSchema: String?
    /// The media type of the body.
    var requestType: String
    var parameters: [RequestParameter]
    /// The schema of the successful answer.
    var responseSchema: JSONValue
    /// The media type of the successful answer.
    var responseType: String
    /// The status of the successful answer.
    var status: HTTPResponse.Status
    /// Whether there may be nothing to answer: 204.
    var mayBeEmpty: Bool
    /// When it answers 202 with a sentence; nil when it never does.
    var accepted: String?
    /// The refusals that the operation may answer beside those of every operation.
    var refusals: [HTTPResponse.Status]
    /// Whether it may ask for a name and a password.
    var needsCredentials: Bool
    /// Bytes of the body at most.
    var bodyLimit: Int
    /// Whether the handler takes the body as it comes, and sees to its size itself.
    var streamsBody: Bool
    /// Whether it only passes something on, which is done on the connection's event loop.
    var passesOn: Bool
    var handler: @Sendable (APIRequest) async throws -> APIResponse

    init(
        _ method: HTTPRequest.Method, _ path: String, _ operationID: String, _ summary: String, tag: String,
        access: RouteAccess = .admin, request requestSchema: String? = nil,
        requestType: String = "application/json",
        parameters: [RequestParameter] = [],
        response responseSchema: JSONValue, responseType: String = "application/json",
        status: HTTPResponse.Status = .ok, mayBeEmpty: Bool = false,
        accepted: String? = nil,
        refusals: [HTTPResponse.Status] = [],
        needsCredentials: Bool = false, bodyLimit: Int? = nil, streamsBody: Bool = false, passesOn: Bool = false,
        handler: @escaping @Sendable (APIRequest) async throws -> APIResponse
    ) {
        self.method = method
        self.path = path
        self.operationID = operationID
        self.summary = summary
        self.tag = tag
        self.access = access
        self.requestSchema = requestSchema
        self.requestType = requestType
        self.parameters = parameters
        self.responseSchema = responseSchema
        self.responseType = responseType
        self.status = status
        self.mayBeEmpty = mayBeEmpty
        self.accepted = accepted
        self.refusals = refusals
        self.needsCredentials = needsCredentials
        self.bodyLimit = bodyLimit ?? (access == .admin ? APIRouter.maximumBodySize : APIRouter.smallBodySize)
        self.streamsBody = streamsBody
        self.passesOn = passesOn
        self.handler = handler
    }

    /// The names of the parameters of the path, in order.
    var parameterNames: [String] {
        path.split(separator: "/").filter { $0.hasPrefix("{") && $0.hasSuffix("}") }.map {
            String($0.dropFirst().dropLast())
        }
    }
}
