import Crypto

/// The hash of a Digest challenge (RFC 7616 §3.2).
public enum DigestAlgorithm: String, Sendable, CaseIterable {
    /// RFC 2617's only algorithm, and what cameras and players know.
    case md5 = "MD5"
    case sha256 = "SHA-256"

    /// The algorithm of an `algorithm` parameter, compared without case; nil when it is not supported, which the
    /// `-sess` variants are not. A missing parameter means MD5.
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
        case .md5: return Self.hex(Insecure.MD5.hash(data: bytes))
        case .sha256: return Self.hex(SHA256.hash(data: bytes))
        }
    }

    private static func hex(_ digest: some Sequence<UInt8>) -> String {
        let digits = [UInt8]("0123456789abcdef".utf8)
        return String(decoding: digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
