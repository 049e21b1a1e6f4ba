import Crypto
import Foundation
import HTTPTypes
import StreamModel

/// The opening handshake of a WebSocket by HTTP/1.1 (RFC 6455 §4.2).
enum WebSocketHandshake {
    /// Header fields of the answer.
    ///
    /// - Throws: ``Refusal`` for a request that asks for none, or not in the version that there is.
    static func answer(_ headers: HTTPFields) throws(Refusal) -> HTTPFields {
        guard tokens(headers[values: .upgrade]).contains("websocket"),
            tokens(headers[values: .connection]).contains("upgrade")
        else { throw Refusal("This address is for WebSockets: the request has to ask for one.") }
        guard headers[.secWebSocketVersion] == version else {
            throw Refusal("The WebSocket has to be of version \(version).")
        }
        guard let key = headers[.secWebSocketKey], Data(base64Encoded: key)?.count == 16 else {
            throw Refusal("The WebSocket's key has to be 16 bytes in Base64.")
        }
        // §1.3: the hash only shows that this was understood as a WebSocket.
        let hash = Insecure.SHA1.hash(data: Data((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8))
        return [
            .upgrade: "websocket", .connection: "Upgrade", .secWebSocketAccept: Data(hash).base64EncodedString(),
        ]
    }

    private static let version = "13"

    /// Answered by 426, with what is to be asked for.
    struct Refusal: Error {
        var text: String

        fileprivate init(_ text: String) { self.text = text }

        var headers: HTTPFields { [.upgrade: "websocket", .secWebSocketVersion: WebSocketHandshake.version] }
    }

    private static func tokens(_ values: [String]) -> [String] {
        values.flatMap { $0.split(separator: ",") }.map { $0.filter { $0 != " " }.lowercased() }
    }
}
