/// Bytes as pairs of hexadecimal digits.
enum Hex {
    static func lowercase(_ bytes: some Sequence<UInt8>) -> String { text(bytes, "0123456789abcdef") }

    static func uppercase(_ bytes: some Sequence<UInt8>) -> String { text(bytes, "0123456789ABCDEF") }

    /// Eight digits, the most significant first.
    static func lowercase(_ value: UInt32) -> String { lowercase([UInt8](bigEndian: value)) }

    static func uppercase(_ value: UInt32) -> String { uppercase([UInt8](bigEndian: value)) }

    /// The bytes that pairs of digits of either case write; nil when they don't.
    static func bytes(_ text: String) -> [UInt8]? {
        let digits = Array(text.utf8)
        guard digits.count % 2 == 0 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(digits.count / 2)
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = digits[index].hexDigitValue, let low = digits[index + 1].hexDigitValue else { return nil }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

    private static func text(_ bytes: some Sequence<UInt8>, _ alphabet: String) -> String {
        let digits = [UInt8](alphabet.utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
