import Crypto

/// A peer's check (RFC 8445 §7.2.2), written apart from the server's own code.
public struct STUNCheck: Sendable {
    public var transactionID: [UInt8]
    /// Type and value, before MESSAGE-INTEGRITY.
    public var attributes: [(type: UInt16, value: [UInt8])]
    /// nil: without MESSAGE-INTEGRITY.
    public var password: String?
    /// What fills values up to four bytes.
    public var padding: UInt8 = 0

    public init(transactionID: [UInt8], attributes: [(type: UInt16, value: [UInt8])], password: String?) {
        self.transactionID = transactionID
        self.attributes = attributes
        self.password = password
    }

    /// What a browser sends: USERNAME, ICE-CONTROLLING, USE-CANDIDATE if it is nominated, PRIORITY.
    public init(
        username: String, password: String, isNominated: Bool = false,
        transactionID: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]
    ) {
        self.init(
            transactionID: transactionID,
            attributes: [(0x0006, [UInt8](username.utf8)), (0x802A, [0, 0, 0, 0, 0, 0, 0, 9])]
                + (isNominated ? [(0x0025, [])] : []) + [(0x0024, [0x6E, 0x7F, 0x1E, 0xFF])],
            password: password)
    }

    public func serialized() -> [UInt8] {
        var body: [UInt8] = []
        func header(_ byteCount: Int) -> [UInt8] {
            [0x00, 0x01] + Self.two(byteCount) + [0x21, 0x12, 0xA4, 0x42] + transactionID
        }
        for (type, value) in attributes { body += attribute(type, value) }
        if let password {
            let code = HMAC<Insecure.SHA1>.authenticationCode(
                for: header(body.count + 24) + body, using: SymmetricKey(data: [UInt8](password.utf8)))
            body += attribute(0x0008, [UInt8](code))
        }
        let sum = Self.crc32(header(body.count + 8) + body) ^ 0x5354_554E
        body += attribute(0x8028, [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: sum >> $0) })
        return header(body.count) + body
    }

    private func attribute(_ type: UInt16, _ value: [UInt8]) -> [UInt8] {
        Self.two(Int(type)) + Self.two(value.count) + value
            + [UInt8](repeating: padding, count: (4 - value.count % 4) % 4)
    }

    private static func two(_ value: Int) -> [UInt8] { [UInt8(value >> 8), UInt8(value & 0xFF)] }

    static func crc32(_ bytes: [UInt8]) -> UInt32 {
        var sum: UInt32 = 0xFFFF_FFFF
        for byte in bytes {
            sum ^= UInt32(byte)
            for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ 0xEDB8_8320 : sum >> 1 }
        }
        return ~sum
    }
}

/// The answer to a check, read apart from the server's own code.
public struct STUNAnswer: Sendable {
    public let type: UInt16
    public let transactionID: [UInt8]
    public private(set) var attributes: [UInt16: [UInt8]] = [:]
    private var covered: [UInt8] = []

    /// nil when it is malformed or its fingerprint is wrong.
    public init?(_ bytes: [UInt8]) {
        func two(_ offset: Int) -> Int { Int(bytes[offset]) << 8 | Int(bytes[offset + 1]) }
        guard bytes.count >= 20, two(2) == bytes.count - 20, bytes[4..<8] == [0x21, 0x12, 0xA4, 0x42] else {
            return nil
        }
        type = UInt16(two(0))
        transactionID = [UInt8](bytes[8..<20])
        var offset = 20
        while offset + 4 <= bytes.count {
            let (type, length) = (UInt16(two(offset)), two(offset + 2))
            guard offset + 4 + length <= bytes.count else { return nil }
            if type == 0x0008 { covered = [UInt8](bytes[..<offset]) }
            if type == 0x8028 {
                let sum = STUNCheck.crc32([UInt8](bytes[..<offset])) ^ 0x5354_554E
                let value = bytes[offset + 4..<offset + 8].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
                guard sum == value, offset + 8 == bytes.count else { return nil }
            }
            attributes[type] = [UInt8](bytes[offset + 4..<offset + 4 + length])
            offset += 4 + (length + 3) / 4 * 4
        }
        guard attributes[0x8028] != nil else { return nil }
    }

    /// The number of an ERROR-CODE.
    public var errorCode: Int? { attributes[0x0009].map { Int($0[2]) * 100 + Int($0[3]) } }

    public func isAuthentic(password: String) -> Bool {
        guard let code = attributes[0x0008] else { return false }
        var bytes = covered
        let length = bytes.count - 20 + 24
        bytes[2] = UInt8(length >> 8)
        bytes[3] = UInt8(length & 0xFF)
        return HMAC<Insecure.SHA1>.isValidAuthenticationCode(
            code, authenticating: bytes, using: SymmetricKey(data: [UInt8](password.utf8)))
    }
}
