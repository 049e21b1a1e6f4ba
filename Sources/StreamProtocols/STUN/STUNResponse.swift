import Crypto
import StreamModel

/// The answer to a check.
struct STUNResponse {
    enum Content {
        /// Where the request came from, as we see it.
        case success(TransportAddress)
        case failure(code: UInt16, reason: String, unknownAttributes: [UInt16] = [])
    }

    var content: Content
    var transactionID: UInt128
    /// nil while it is not known that the peer has the password (RFC 8489 §9.1.3).
    var password: String?

    /// Header, content, MESSAGE-INTEGRITY, FINGERPRINT.
    func serialized() -> [UInt8] {
        var bytes: [UInt8] = []
        switch content {
        case .success: bytes.appendBigEndian(STUNType.bindingSuccess)
        case .failure: bytes.appendBigEndian(STUNType.bindingError)
        }
        bytes.appendBigEndian(UInt16(0))
        bytes.appendBigEndian(STUNType.magicCookie)
        bytes.appendBigEndian(UInt32(truncatingIfNeeded: transactionID >> 64))
        bytes.appendBigEndian(UInt64(truncatingIfNeeded: transactionID))
        switch content {
        case .success(let address): appendMappedAddress(address, to: &bytes)
        case .failure(let code, let reason, let unknownAttributes):
            // §14.8: the hundreds in a byte, then the rest.
            Self.append(
                STUNType.errorCode, [0, 0, UInt8(clamping: code / 100), UInt8(code % 100)] + reason.utf8, to: &bytes)
            if !unknownAttributes.isEmpty {
                var types: [UInt8] = []
                for type in unknownAttributes { types.appendBigEndian(type) }
                Self.append(STUNType.unknownAttributes, types, to: &bytes)
            }
        }
        if let password {
            Self.setLength(of: &bytes, adding: STUNType.messageIntegritySize)
            let code = HMAC<Insecure.SHA1>.authenticationCode(
                for: bytes, using: SymmetricKey(data: [UInt8](password.utf8)))
            Self.append(STUNType.messageIntegrity, [UInt8](code), to: &bytes)
        }
        Self.setLength(of: &bytes, adding: STUNType.fingerprintSize)
        var sum: [UInt8] = []
        sum.appendBigEndian(CRC32.checksum(bytes) ^ STUNType.fingerprintMask)
        Self.append(STUNType.fingerprint, sum, to: &bytes)
        return bytes
    }

    /// RFC 8489 §14.2: combined with cookie and transaction, so that no router rewrites what looks like its own address.
    private func appendMappedAddress(_ address: TransportAddress, to bytes: inout [UInt8]) {
        var value: [UInt8] = [0, address.address.ipv4 == nil ? 2 : 1]
        value.appendBigEndian(address.port ^ UInt16(truncatingIfNeeded: STUNType.magicCookie >> 16))
        if let ipv4 = address.address.ipv4 {
            value.appendBigEndian(ipv4 ^ STUNType.magicCookie)
        } else {
            value.appendBigEndian(address.address.bits ^ (UInt128(STUNType.magicCookie) << 96 | transactionID))
        }
        Self.append(STUNType.xorMappedAddress, value, to: &bytes)
    }

    private static func append(_ type: UInt16, _ value: [UInt8], to bytes: inout [UInt8]) {
        bytes.appendBigEndian(type)
        // What is written here is far below 65 536 bytes.
        bytes.appendBigEndian(UInt16(truncatingIfNeeded: value.count))
        bytes += value
        while bytes.count % 4 != 0 { bytes.append(0) }
    }

    /// What is covered by a code or sum counts it in the header's length.
    private static func setLength(of bytes: inout [UInt8], adding byteCount: Int) {
        let length = bytes.count - STUNType.headerSize + byteCount
        bytes.replaceSubrange(2..<4, with: [UInt8(truncatingIfNeeded: length >> 8), UInt8(truncatingIfNeeded: length)])
    }
}
