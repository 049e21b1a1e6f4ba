import Crypto
import Foundation
import StreamModel

/// The user and password with which our own publisher may publish a path, or a worker may read an input: derived from a secret
/// file, so that nothing has to be stored per path (contract B.5).
public struct PublishCredentials: Hashable, Sendable {
    /// `pub_` and 12 hexadecimal digits.
    public let username: String
    /// 32 hexadecimal digits.
    public let password: String

    /// - Parameter secret: 32 random bytes, the content of `publish-secret.key`.
    public init(path: String, secret: [UInt8]) {
        let code = HMAC<SHA256>.authenticationCode(for: Data(path.utf8), using: SymmetricKey(data: secret))
        let hex = code.hexadecimal
        username = "pub_" + hex.prefix(12)
        password = String(hex.dropFirst(12).prefix(32))
    }
}

/// Whatever prints them prints a mask for the password.
extension PublishCredentials: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "PublishCredentials(username: \(username), password: \(password.masked))" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: ["username": username, "password": password.masked]) }
}
