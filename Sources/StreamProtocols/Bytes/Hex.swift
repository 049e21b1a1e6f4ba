/// Bytes as pairs of hexadecimal digits.
enum Hex {
    static func lowercase(_ bytes: some Sequence<UInt8>) -> String { text(bytes, "0123456789abcdef") }

    static func uppercase(_ bytes: some Sequence<UInt8>) -> String { text(bytes, "0123456789ABCDEF") }

    /// Eight digits, the most significant first.
    static func lowercase(_ value: UInt32) -> String { lowercase(bigEndian(value)) }

    static func uppercase(_ value: UInt32) -> String { uppercase(bigEndian(value)) }

    private static func bigEndian(_ value: UInt32) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.appendBigEndian(value)
        return bytes
    }

    private static func text(_ bytes: some Sequence<UInt8>, _ alphabet: String) -> String {
        let digits = [UInt8](alphabet.utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
