import Foundation
import StreamModel

/// Takes every secret that the server knows out of texts that leave it, wherever it stands in them: a camera may repeat its
/// password in an error, and a program that we did not write may log it.
struct SecretSweep {
    private let secrets: [String]

    /// Shorter ones can't be told from the rest of a text.
    private static let minimumLength = 4

    init(_ secrets: some Sequence<Secret>) {
        let spellings = secrets.map(\.exposed).filter { $0.count >= Self.minimumLength }.flatMap { secret in
            [
                secret, secret.addingPercentEncoding(withAllowedCharacters: .alphanumerics),
                secret.addingPercentEncoding(withAllowedCharacters: .urlPasswordAllowed),
                Data(secret.utf8).base64EncodedString(),
            ].compactMap(\.self)
        }
        // The longest first: one may be a part of another.
        self.secrets = Set(spellings).sorted { ($1.count, $0) < ($0.count, $1) }
    }

    func clean(_ text: String) -> String {
        secrets.reduce(text.redactingCredentials) { $0.replacing($1, with: Secret.mask) }
    }

    func clean(_ json: JSONValue) -> JSONValue {
        switch json {
        case .object(let members): .object(members.mapValues(clean))
        case .array(let elements): .array(elements.map(clean))
        case .string(let text): .string(clean(text))
        case .null, .bool, .integer, .number: json
        }
    }
}
