/// Percent-encoding of URLs (RFC 3986 §2.1).
enum PercentEncoding {
    /// Decodes `%XX`; what is not such a triplet stays as it is. Bytes that are not UTF-8 become U+FFFD.
    static func decode(_ text: some StringProtocol) -> String {
        guard text.utf8.contains(0x25) else { return String(text) }
        var bytes: [UInt8] = []
        var rest = [UInt8](text.utf8)[...]
        while let byte = rest.popFirst() {
            let digits = rest.prefix(2).compactMap(\.hexDigitValue)
            if byte == 0x25, digits.count == 2 {
                bytes.append(digits.reduce(0) { $0 << 4 | $1 })
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Encodes what may not stand in a path (RFC 3986 §3.3); slashes stay.
    static func encodePath(_ text: String) -> String { encode(text, keeping: "/:@!$&'()*+,;=") }

    /// Encodes what may not stand in a user name or password (RFC 3986 §3.2.1), the colon included.
    static func encodeUserInformation(_ text: String) -> String { encode(text, keeping: "!$&'()*+,;=") }

    private static func encode(_ text: String, keeping extra: String) -> String {
        let kept = Set(extra.utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            let isUnreserved =
                byte.isASCIILetterOrDigit || byte == 0x2D || byte == 0x2E || byte == 0x5F || byte == 0x7E
            if isUnreserved || kept.contains(byte) {
                bytes.append(byte)
            } else {
                bytes.append(contentsOf: "%\(Hex.uppercase([byte]))".utf8)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
