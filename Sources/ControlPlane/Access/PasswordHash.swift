import Crypto
import CryptoExtras
import Foundation
import StreamModel

/// A password as it is stored: scrypt (RFC 7914) in the PHC string format, `$scrypt$ln=15,r=8,p=1$<salt>$<hash>`.
struct PasswordHash: Hashable, Sendable {
    /// The usual choice for people who wait: 32 MiB and some 0.1 s. Guessing is slowed down by ``SignInThrottle`` besides.
    private static let roundsLog2 = 15
    private static let blockSize = 8
    private static let parallelism = 1
    private static let saltByteCount = 16
    private static let hashByteCount = 32
    /// What a stored text may ask of us at most: a damaged database must not exhaust the memory.
    private static let highestRoundsLog2 = 20

    /// The text that is stored.
    let text: String

    /// What was stored.
    init(stored text: String) { self.text = text }

    /// Hashes a password. Keeps a thread busy for some 0.1 s.
    init(of password: Secret) throws {
        let salt = RandomToken.bytes(Self.saltByteCount)
        let hash = try Self.derive(
            password, salt: salt, roundsLog2: Self.roundsLog2, blockSize: Self.blockSize, parallelism: Self.parallelism,
            byteCount: Self.hashByteCount)
        text =
            "$scrypt$ln=\(Self.roundsLog2),r=\(Self.blockSize),p=\(Self.parallelism)$\(Self.base64(salt))$\(Self.base64(hash))"
    }

    /// Whether a password is the one. Takes as long as hashing; false when the stored text is damaged.
    func matches(_ password: Secret) -> Bool {
        let parts = text.split(separator: "$", omittingEmptySubsequences: true)
        guard parts.count == 4, parts[0] == "scrypt",
            let parameters = Self.parameters(parts[1]), let salt = Self.bytes(base64: parts[2]),
            let expected = Self.bytes(base64: parts[3]), !expected.isEmpty, expected.count <= 64,
            let actual = try? Self.derive(
                password, salt: salt, roundsLog2: parameters.roundsLog2, blockSize: parameters.blockSize,
                parallelism: parameters.parallelism, byteCount: expected.count)
        else { return false }
        // In a time that does not depend on where they differ.
        return zip(actual, expected).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }

    private static func derive(
        _ password: Secret, salt: [UInt8], roundsLog2: Int, blockSize: Int, parallelism: Int, byteCount: Int
    ) throws -> [UInt8] {
        let key = try KDF.Scrypt.deriveKey(
            from: Array(password.exposed.precomposedStringWithCanonicalMapping.utf8), salt: salt,
            outputByteCount: byteCount, rounds: 1 << roundsLog2, blockSize: blockSize, parallelism: parallelism)
        return unsafe key.withUnsafeBytes { unsafe Array($0) }
    }

    private static func parameters(_ text: Substring) -> (roundsLog2: Int, blockSize: Int, parallelism: Int)? {
        var values: [Substring: Int] = [:]
        for pair in text.split(separator: ",") {
            let parts = pair.split(separator: "=")
            guard parts.count == 2, let value = Int(parts[1]), value > 0 else { return nil }
            values[parts[0]] = value
        }
        guard let rounds = values["ln"], rounds <= highestRoundsLog2, let blocks = values["r"], blocks <= 32,
            let parallelism = values["p"], parallelism <= 16
        else { return nil }
        return (rounds, blocks, parallelism)
    }

    private static func base64(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }

    private static func bytes(base64 text: Substring) -> [UInt8]? { Data(base64Encoded: String(text)).map(Array.init) }
}
