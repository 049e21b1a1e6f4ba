/// The ciphers of one direction of a session: for media or for reports.
enum SRTPCipher {
    case gcm(AESGCM)
    case counterMode(AESCounterMode, HMACSHA1)

    /// RFC 3711 §5.2: 80 bits.
    static let codeByteCount = 10
    /// RFC 3711 §5.2: that of HMAC-SHA1.
    private static let authenticationKeyByteCount = 20

    /// Of the tag or code by which a packet is told from a forged one.
    var tagByteCount: Int {
        switch self {
        case .gcm: AESGCM.tagByteCount
        case .counterMode: Self.codeByteCount
        }
    }

    init(
        _ profile: SRTPProfile, _ derivation: SRTPKeyDerivation, encryption: SRTPKeyDerivation.Label,
        authentication: SRTPKeyDerivation.Label, encrypts: Bool
    ) throws(SRTPError) {
        let key = try derivation.key(encryption, byteCount: SRTPProfile.keyByteCount)
        switch profile {
        case .aeadAES128GCM: self = .gcm(try AESGCM(key: key, encrypts: encrypts))
        case .aes128CMSHA1:
            let code = try derivation.key(authentication, byteCount: Self.authenticationKeyByteCount)
            self = .counterMode(try AESCounterMode(key: key), try HMACSHA1(key: code))
        }
    }
}

/// The first block of a packet's key stream (RFC 3711 §4.1.1), or its nonce (RFC 7714 §8.1, §9.1): the session's salt combined
/// with the source and the packet's index.
struct SRTPNonce {
    private let salt: [UInt8]
    private let sourceOffset: Int
    /// The same memory for all packets.
    private(set) var bytes: [UInt8]

    init(_ profile: SRTPProfile, salt: [UInt8]) {
        switch profile {
        case .aeadAES128GCM:
            self.salt = salt
            sourceOffset = 2
        case .aes128CMSHA1:
            // The block counter's 16 bits.
            self.salt = salt + [0, 0]
            sourceOffset = 4
        }
        bytes = self.salt
    }

    /// Makes ``bytes`` those of a packet.
    ///
    /// - Parameter index: 48 bits.
    mutating func set(source: UInt32, index: UInt64) {
        for offset in salt.indices { bytes[offset] = salt[offset] }
        for offset in 0..<4 {
            bytes[sourceOffset + offset] ^= UInt8(truncatingIfNeeded: source >> UInt32(24 - 8 * offset))
        }
        for offset in 0..<6 {
            bytes[sourceOffset + 4 + offset] ^= UInt8(truncatingIfNeeded: index >> UInt64(40 - 8 * offset))
        }
    }
}
