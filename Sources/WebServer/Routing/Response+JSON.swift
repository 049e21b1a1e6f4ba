import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import StreamModel

extension Response {
    /// A JSON document. Nothing that the API answers may be kept by a cache.
    static func json(_ value: JSONValue, status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status, headers: [.contentType: "application/json", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: value.data)))
    }

    /// The body of every refusal: `{"detail": …}` (contract A.0).
    static func failure(_ status: HTTPResponse.Status, _ detail: String, headers: HTTPFields = [:]) -> Response {
        failure(status, .freeText(detail), headers: headers)
    }

    /// With what a page needs to say the same in its own language, where it can.
    static func failure(
        _ status: HTTPResponse.Status, _ detail: CodedMessage, headers: HTTPFields = [:]
    ) -> Response {
        var body: [String: JSONValue] = ["detail": .string(detail.text)]
        if detail.isTranslatable {
            body["code"] = .string(detail.code)
            body["parameters"] = .object(detail.parameters)
        }
        var response = json(.object(body), status: status)
        for field in headers { response.headers[field.name] = field.value }
        return response
    }

    /// The refusal of a request that tells nobody's name. The scheme is the one of programs (RFC 6750): a browser that is
    /// offered `Basic` would open its own window.
    static func unauthorized(_ detail: CodedMessage) -> Response {
        failure(.unauthorized, detail, headers: [.wwwAuthenticate: #"Bearer realm="Toposync Streaming""#])
    }
}

extension HTTPField.Name {
    /// One sentence about a change that was saved but is not in effect yet, percent-encoded.
    static let toposyncWarning = HTTPField.Name("x-toposync-warning")!
    /// The same as JSON with its code, percent-encoded, for pages that say it in their own language.
    static let toposyncWarningMessage = HTTPField.Name("x-toposync-warning-message")!
    /// What a still shows: `live`, `stale` or `placeholder`.
    static let toposyncFrameState = HTTPField.Name("x-toposync-frame-state")!
    /// Increases with each change of what is stored; of two answers, the one with the smaller is older.
    static let toposyncRevision = HTTPField.Name("x-toposync-revision")!
    static let requestedWith = HTTPField.Name("x-requested-with")!
    static let contentTypeOptions = HTTPField.Name("x-content-type-options")!
    /// What nginx is told by: to pass an answer on as it comes.
    static let accelBuffering = HTTPField.Name("x-accel-buffering")!
    static let referrerPolicy = HTTPField.Name("referrer-policy")!
}

extension String {
    /// The text with everything that a header may not hold percent-encoded.
    var asHeaderValue: String {
        addingPercentEncoding(withAllowedCharacters: .urlQueryAllowed.union(CharacterSet(charactersIn: " "))) ?? ""
    }
}
