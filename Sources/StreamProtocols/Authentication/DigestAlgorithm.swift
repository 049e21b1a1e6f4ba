import Crypto

/// The hash of a Digest challenge (RFC 7616 §3.2).
public enum DigestAlgorithm: String, Sendable, CaseIterable {
    /// RFC 2617's only algorithm, and what cameras and players know.
    case md5 = "MD5"
    case sha256 = "SHA-256"
    /// The hash of user, realm and password is hashed again with both nonces (RFC 7616 §3.4.2).
    case md5Session = "MD5-sess"
    case sha256Session = "SHA-256-sess"

    /// Whether it is one of the `-sess` variants.
    var isSession: Bool { self == .md5Session || self == .sha256Session }

    /// Whether it hashes by SHA-256, which is the stronger one.
    public var isSHA256: Bool { self == .sha256 || self == .sha256Session }

    /// The algorithm of an `algorithm` parameter, compared without case; nil when it is not supported. A missing
    /// parameter means MD5.
    init?(parameter: String?) {
        guard let parameter else {
            self = .md5
            return
        }
        guard let match = Self.allCases.first(where: { $0.rawValue.equalsIgnoringASCIICase(parameter) }) else {
            return nil
        }
        self = match
    }

    /// The hash of text in lower-case hex.
    func hash(_ text: String) -> String {
        let bytes = [UInt8](text.utf8)
        switch self {
        case .md5, .md5Session: return Hex.lowercase(Insecure.MD5.hash(data: bytes))
        case .sha256, .sha256Session: return Hex.lowercase(SHA256.hash(data: bytes))
        }
    }
}
