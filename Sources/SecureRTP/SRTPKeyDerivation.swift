/// The keys of a session, made of a master key (RFC 3711 §4.3, RFC 7714 §11); the key derivation rate is 0, as WebRTC has it.
struct SRTPKeyDerivation {
    /// What a key is for (RFC 3711 §4.3.2).
    enum Label: UInt8 {
        case mediaEncryption = 0
        case mediaAuthentication = 1
        case mediaSalt = 2
        case controlEncryption = 3
        case controlAuthentication = 4
        case controlSalt = 5
    }

    private let cipher: AESCounterMode
    private let salt: [UInt8]

    init(_ master: SRTPMasterKey) throws(SRTPError) {
        cipher = try AESCounterMode(key: master.key)
        // The salt is above the 16 bits of the block counter; that of GCM, which is two bytes shorter, is above 32.
        salt = master.salt + [UInt8](repeating: 0, count: 16 - master.salt.count)
    }

    func key(_ label: Label, byteCount: Int) throws(SRTPError) -> [UInt8] {
        var block = salt
        block[7] ^= label.rawValue
        var key = [UInt8](repeating: 0, count: byteCount)
        try cipher.apply(to: &key, from: 0, counter: block)
        return key
    }
}
