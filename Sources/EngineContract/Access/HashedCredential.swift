import Crypto
import Foundation

/// A user name or password as the engine's file holds it: plain, or `sha256:` and the hash in base64.
public enum HashedCredential {
    private static let prefix = "sha256:"

    /// `sha256:<base64>` of a text: any character may then be in it, and the file does not show it.
    public static func sha256(_ text: String) -> String {
        prefix + Data(SHA256.hash(data: Data(text.utf8))).base64EncodedString()
    }

    /// Whether the entry is a hash, with which Digest authentication is impossible.
    public static func isHashed(_ entry: String) -> Bool { entry.hasPrefix(prefix) || entry.hasPrefix("argon2:") }

    /// Whether the entry claims to be a SHA-256 hash and can't be one, so that nothing would ever match it.
    public static func isMalformed(_ entry: String) -> Bool {
        entry.hasPrefix(prefix) && Data(base64Encoded: String(entry.dropFirst(prefix.count)))?.count != SHA256.byteCount
    }

    /// Whether a text is what an entry holds, in a time that does not depend on where they differ. Nothing matches a hash
    /// that is not SHA-256.
    public static func matches(_ text: String, entry: String) -> Bool {
        guard !isHashed(entry) || entry.hasPrefix(prefix) else { return false }
        // An entry that is plain is hashed too: then both sides have one length, whatever was sent.
        let expected = entry.hasPrefix(prefix) ? entry : sha256(entry)
        let actual = Array(sha256(text).utf8)
        let wanted = Array(expected.utf8)
        guard actual.count == wanted.count else { return false }
        return zip(actual, wanted).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
