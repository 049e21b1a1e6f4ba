/// What the keys of one direction are derived from.
public struct SRTPMasterKey: Sendable, CustomStringConvertible {
    let key: [UInt8]
    let salt: [UInt8]

    init(key: [UInt8], salt: [UInt8]) {
        self.key = key
        self.salt = salt
    }

    public var description: String { "SRTP master key (hidden)" }
}

/// The master keys of both directions, as a DTLS handshake makes them.
public struct SRTPMasterKeys: Sendable {
    /// Whoever is the client in DTLS sends with this one.
    public let client: SRTPMasterKey
    public let server: SRTPMasterKey

    /// Takes exported keying material apart (RFC 5764 §4.2): both keys, then both salts, the client's first.
    public init(profile: SRTPProfile, keyingMaterial: [UInt8]) throws(SRTPError) {
        guard keyingMaterial.count == profile.keyingMaterialByteCount else {
            throw .wrongKeyLength(byteCount: keyingMaterial.count, expected: profile.keyingMaterialByteCount)
        }
        var rest = keyingMaterial[...]
        func take(_ count: Int) -> [UInt8] {
            defer { rest = rest.dropFirst(count) }
            return [UInt8](rest.prefix(count))
        }
        let keys = (take(SRTPProfile.keyByteCount), take(SRTPProfile.keyByteCount))
        let salts = (take(profile.saltByteCount), take(profile.saltByteCount))
        client = SRTPMasterKey(key: keys.0, salt: salts.0)
        server = SRTPMasterKey(key: keys.1, salt: salts.1)
    }
}
