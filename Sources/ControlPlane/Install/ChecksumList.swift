/// A file of SHA-256 sums as `sha256sum -b` writes it: `<64 hexadecimal digits> *<name>` a line.
struct ChecksumList: Hashable, Sendable {
    private var sums: [String: String] = [:]

    /// Lines that are none are left out; `#` begins a comment.
    init(_ text: String) {
        for line in text.split(whereSeparator: \.isNewline) where !line.hasPrefix("#") {
            let words = line.split(whereSeparator: \.isWhitespace)
            guard words.count >= 2, words[0].count == 64, words[0].allSatisfy({ $0.isASCII && $0.isHexDigit }) else {
                continue
            }
            let name = words[words.count - 1]
            sums[String(name.hasPrefix("*") ? name.dropFirst() : name)] = words[0].lowercased()
        }
    }

    var isEmpty: Bool { sums.isEmpty }

    /// The sum of a file, in lower case.
    subscript(file: String) -> String? { sums[file] }
}
