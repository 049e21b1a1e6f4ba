import Crypto
import Foundation
import StreamModel

/// What a webhook is told: made once, and sent as it is until it arrives.
struct WebhookMessage: Hashable, Sendable {
    enum Kind: String, Hashable, Sendable {
        /// Something began.
        case open
        /// There is a picture of it.
        case update
        /// It is over.
        case close
        /// Somebody wants to see whether it arrives.
        case test
    }

    static let signatureHeader = "X-Toposync-Signature"

    var id: String
    var kind: Kind
    var body: Data
    var madeAt: ContinuousClock.Instant

    init(
        _ kind: Kind, _ event: JSONValue, id: String = UUID().uuidString.lowercased(), nowUnix: Double,
        now: ContinuousClock.Instant
    ) {
        self.id = id
        self.kind = kind
        madeAt = now
        let json: JSONValue = [
            "id": .string(id), "type": .string(kind.rawValue), "sent_at_unix": .number(nowUnix), "event": event,
        ]
        body = json.data
    }

    /// `sha256=` and the HMAC of the body (RFC 2104), in hexadecimal digits.
    func signature(with secret: Secret) -> String {
        let code = HMAC<SHA256>.authenticationCode(
            for: body, using: SymmetricKey(data: Data(secret.exposed.utf8)))
        return "sha256=" + Array(code).hexadecimal
    }
}
