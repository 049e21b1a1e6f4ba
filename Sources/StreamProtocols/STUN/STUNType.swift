/// Numbers of STUN (RFC 8489 §5, §18.3; RFC 8445 §16.1).
enum STUNType {
    static let magicCookie: UInt32 = 0x2112_A442
    static let headerSize = 20

    static let bindingRequest: UInt16 = 0x0001
    static let bindingSuccess: UInt16 = 0x0101
    static let bindingError: UInt16 = 0x0111

    static let username: UInt16 = 0x0006
    static let messageIntegrity: UInt16 = 0x0008
    static let errorCode: UInt16 = 0x0009
    static let unknownAttributes: UInt16 = 0x000A
    static let xorMappedAddress: UInt16 = 0x0020
    static let priority: UInt16 = 0x0024
    static let useCandidate: UInt16 = 0x0025
    static let fingerprint: UInt16 = 0x8028
    static let iceControlled: UInt16 = 0x8029
    static let iceControlling: UInt16 = 0x802A

    /// A receiver that does not know such an attribute must refuse the message (RFC 8489 §14).
    static func isComprehensionRequired(_ type: UInt16) -> Bool { type < 0x8000 }

    /// What the checksum of a fingerprint is combined with: "STUN" (RFC 8489 §14.7).
    static let fingerprintMask: UInt32 = 0x5354_554E
    /// Bytes of the attributes, header included.
    static let fingerprintSize = 8
    static let messageIntegritySize = 24
}
