import Crypto

/// A STUN message that somebody sent (RFC 8489 §5), of which the checks of ICE are read (RFC 8445 §7.1).
public struct STUNMessage: Sendable {
    /// Checks have about 100 bytes; a long name and some unknown attributes fit, floods don't.
    static let byteLimit = 1280

    /// Whether it asks for an answer that says where it came from (§2, "Binding").
    let isBindingRequest: Bool
    /// The lower 96 bits.
    let transactionID: UInt128
    /// The first USERNAME, as it came.
    private(set) var username: String?
    private(set) var usesCandidate = false
    /// Whether the sender takes the controlled role (ICE-CONTROLLED).
    private(set) var isFromControlled = false
    private(set) var hasPriority = false
    /// Attributes that must be understood and are not.
    private(set) var unknownAttributes: [UInt16] = []
    /// What MESSAGE-INTEGRITY covers, and its value.
    private var integrity: (covered: ArraySlice<UInt8>, code: ArraySlice<UInt8>)?

    /// Reads a datagram, and checks its FINGERPRINT if it has one.
    public init(parsing bytes: ArraySlice<UInt8>) throws(STUNError) {
        guard bytes.count <= Self.byteLimit else {
            throw .tooLong(byteCount: bytes.count, limit: Self.byteLimit)
        }
        var reader = ByteReader(bytes)
        guard
            let type = reader.readUInt16(), let length = reader.readUInt16(), let cookie = reader.readUInt32(),
            let high = reader.readUInt32(), let low = reader.readUInt64()
        else { throw .truncated(byteCount: bytes.count) }
        // §6.3: the first two bits are 0.
        guard cookie == STUNType.magicCookie, type & 0xC000 == 0 else { throw .notSTUN }
        guard Int(length) == reader.rest.count else { throw .truncated(byteCount: bytes.count) }
        isBindingRequest = type == STUNType.bindingRequest
        transactionID = UInt128(high) << 64 | UInt128(low)

        while !reader.isAtEnd {
            let covered = bytes.prefix(bytes.count - reader.rest.count)
            // §14: each value is filled up to four bytes.
            guard
                let type = reader.readUInt16(), let length = reader.readUInt16(),
                let value = reader.readBytes(Int(length)), reader.skip((4 - Int(length) % 4) % 4)
            else { throw .truncated(byteCount: bytes.count) }
            if type == STUNType.fingerprint {
                try Self.check(fingerprint: value, of: covered)
                // §14.7: it is the last one.
                guard reader.isAtEnd else { throw .malformedAttribute(type: type) }
            } else if integrity == nil {
                // §14.5: what follows MESSAGE-INTEGRITY is ignored, the fingerprint apart.
                try apply(type, value, after: covered)
            }
        }
    }

    private static func check(
        fingerprint value: ArraySlice<UInt8>, of covered: ArraySlice<UInt8>
    ) throws(STUNError) {
        var reader = ByteReader(value)
        guard value.count == 4, let sum = reader.readUInt32() else {
            throw .malformedAttribute(type: STUNType.fingerprint)
        }
        guard sum == CRC32.checksum(covered) ^ STUNType.fingerprintMask else { throw .wrongFingerprint }
    }

    private mutating func apply(
        _ type: UInt16, _ value: ArraySlice<UInt8>, after covered: ArraySlice<UInt8>
    ) throws(STUNError) {
        func require(_ byteCount: Int) throws(STUNError) {
            guard value.count == byteCount else { throw .malformedAttribute(type: type) }
        }
        switch type {
        case STUNType.username:
            username = username ?? String(decoding: value, as: UTF8.self)
        case STUNType.messageIntegrity:
            try require(STUNType.messageIntegritySize - 4)
            integrity = (covered, value)
        case STUNType.priority:
            try require(4)
            hasPriority = true
        case STUNType.useCandidate:
            try require(0)
            usesCandidate = true
        case STUNType.iceControlled:
            try require(8)
            isFromControlled = true
        case STUNType.iceControlling:
            try require(8)
        default:
            if STUNType.isComprehensionRequired(type) { unknownAttributes.append(type) }
        }
    }

    /// The ufrag of whom a check is for: what its USERNAME has before the colon (RFC 8445 §7.2.2).
    public var recipientUsernameFragment: String? {
        username?.splitOnce(at: ":").map { String($0.0) }
    }

    var hasIntegrity: Bool { integrity != nil }

    /// Whether it was made by somebody who knows the password (§14.5).
    func isAuthentic(password: String) -> Bool {
        guard let integrity else { return false }
        var covered = [UInt8](integrity.covered)
        // The length that counts is that of the message up to and with this attribute.
        let length = covered.count - STUNType.headerSize + STUNType.messageIntegritySize
        covered.replaceSubrange(
            2..<4, with: [UInt8(truncatingIfNeeded: length >> 8), UInt8(truncatingIfNeeded: length)])
        return HMAC<Insecure.SHA1>.isValidAuthenticationCode(
            [UInt8](integrity.code), authenticating: covered, using: SymmetricKey(data: [UInt8](password.utf8)))
    }
}
