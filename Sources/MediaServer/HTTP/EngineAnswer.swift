import EngineContract
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import StreamProtocols

/// Answers that all viewers' listeners give.
enum EngineAnswer {
    /// A refusal, with a sentence that says why.
    static func failure(_ status: HTTPResponse.Status, _ text: String, _ headers: HTTPFields = [:]) -> Response {
        var headers = headers
        headers[.contentType] = "application/json"
        headers[.cacheControl] = "no-cache"
        let body = (try? JSONEncoder().encode(ControlAPI.Failure(text))) ?? Data()
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
    }

    /// Asks for a name and a password.
    static let challenge: HTTPFields = [.wwwAuthenticate: BasicCredentials.challenge(realm: "toposync-streaming")]
}

extension AccessCredentials {
    /// What a request shows: Basic, or as MediaMTX has it `Bearer user:password`; anything else shows nothing.
    init(authorization header: String?) {
        self = .none
        guard let header, let parsed = try? HTTPCredentials(parsing: header) else { return }
        switch parsed {
        case .basic(let basic): self = .password(user: basic.user, password: basic.password)
        case .bearer(let token):
            // Whoever leaves out the name has shown something that opens nothing: that is logged, and slowed down.
            guard let colon = token.value.firstIndex(of: ":") else {
                self = .password(user: "", password: token.value)
                return
            }
            let password = token.value[token.value.index(after: colon)...]
            self = .password(user: String(token.value[..<colon]), password: String(password))
        case .digest: break
        }
    }
}
