import Crypto

/// The hash of a certificate, by which a session description says who will speak DTLS (RFC 8122 §5).
public struct DTLSFingerprint: Sendable, Equatable, CustomStringConvertible {
    /// Those that are strong enough; browsers have SHA-256.
    enum Algorithm: String, CaseIterable {
        case sha256 = "sha-256"
        case sha384 = "sha-384"
        case sha512 = "sha-512"

        func hash(_ bytes: [UInt8]) -> [UInt8] {
            switch self {
            case .sha256: [UInt8](SHA256.hash(data: bytes))
            case .sha384: [UInt8](SHA384.hash(data: bytes))
            case .sha512: [UInt8](SHA512.hash(data: bytes))
            }
        }
    }

    private let algorithm: Algorithm
    private let hash: [UInt8]

    /// - Parameter der: the certificate in DER.
    public init(sha256OfCertificate der: [UInt8]) {
        algorithm = .sha256
        hash = Algorithm.sha256.hash(der)
    }

    /// Reads the attribute's value, e.g. `sha-256 4A:AD:…`; nil when it is malformed or its hash is too weak.
    public init?(parsing value: String) {
        guard
            let (name, digits) = value.trimmingASCIIWhitespace().splitOnce(at: " "),
            let algorithm = Algorithm.allCases.first(where: { $0.rawValue.equalsIgnoringASCIICase(name) }),
            let hash = Hex.bytes(digits.split(at: ":").joined()), hash.count == algorithm.hash([]).count
        else { return nil }
        self.algorithm = algorithm
        self.hash = hash
    }

    /// Whether it is that of a certificate in DER.
    public func matches(certificate der: [UInt8]) -> Bool { algorithm.hash(der) == hash }

    /// The attribute's value.
    public var description: String {
        "\(algorithm.rawValue) \(hash.map { Hex.uppercase([$0]) }.joined(separator: ":"))"
    }
}
