extension StringProtocol {
    /// Compares as protocols do: only the ASCII letters have a case.
    func equalsIgnoringASCIICase(_ other: some StringProtocol) -> Bool {
        utf8.elementsEqual(other.utf8) { $0.asciiLowercased == $1.asciiLowercased }
    }

    func hasPrefixIgnoringASCIICase(_ prefix: some StringProtocol) -> Bool {
        utf8.prefix(prefix.utf8.count).elementsEqual(prefix.utf8) { $0.asciiLowercased == $1.asciiLowercased }
    }

    /// The text without the spaces, tabs and line ends around it.
    func trimmingASCIIWhitespace() -> String {
        // Bytes are compared, because "\r\n" is one Character.
        let bytes = Substring(self).utf8
        guard
            let start = bytes.firstIndex(where: { !$0.isASCIIWhitespace }),
            let last = bytes.lastIndex(where: { !$0.isASCIIWhitespace })
        else { return "" }
        return String(Substring(bytes[start...last]))
    }

    /// The texts before and after the first `separator`; nil when there is none.
    ///
    /// Here and below separators are ASCII and bytes are compared: as Characters, they would hide behind a combining
    /// mark that somebody put there, and to find them would cost far more.
    func splitOnce(at separator: Unicode.Scalar) -> (SubSequence, SubSequence)? {
        guard let index = utf8.firstIndex(of: UInt8(ascii: separator)) else { return nil }
        return (self[..<index], self[utf8.index(after: index)...])
    }

    /// The texts between the separators.
    func split(
        at separator: Unicode.Scalar, maxSplits: Int = .max, omittingEmpty: Bool = true
    ) -> [Substring] {
        Substring(self).utf8
            .split(separator: UInt8(ascii: separator), maxSplits: maxSplits, omittingEmptySubsequences: omittingEmpty)
            .map(Substring.init)
    }
}

extension UInt8 {
    var asciiLowercased: UInt8 { (0x41...0x5A).contains(self) ? self | 0x20 : self }

    var isASCIIWhitespace: Bool { self == 0x20 || (0x09...0x0D).contains(self) }

    var isASCIIDigit: Bool { (0x30...0x39).contains(self) }

    var isASCIILetterOrDigit: Bool { isASCIIDigit || (0x61...0x7A).contains(asciiLowercased) }

    /// The value of a hexadecimal digit, or nil.
    var hexDigitValue: UInt8? {
        switch self {
        case 0x30...0x39: self - 0x30
        case 0x41...0x46: self - 0x37
        case 0x61...0x66: self - 0x57
        default: nil
        }
    }
}

/// Text for an error message from bytes that somebody else sent: bounded, and without control characters.
func printable(_ bytes: some Collection<UInt8>) -> String {
    let limit = 80
    let shown = String(decoding: bytes.prefix(limit), as: UTF8.self).unicodeScalars.map { scalar in
        scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) ? "·" : String(scalar)
    }.joined()
    return bytes.count > limit ? shown + "…" : shown
}
