/// A `Range` header for a body whose length is known (RFC 9110 §14).
enum HTTPByteRange: Equatable {
    /// The header asks for nothing that we send in part: the whole body is the right answer.
    case whole
    case part(Range<Int>)
    case notSatisfiable

    /// Reads a header. More than one range at once may be answered by the whole body (§14.2), and nobody asks a segment
    /// for that.
    init(_ header: String?, bodyLength: Int) {
        guard let header, let specification = Self.singleRange(header),
            let dash = specification.firstIndex(of: "-")
        else {
            self = .whole
            return
        }
        let firstText = specification[..<dash]
        let lastText = specification[specification.index(after: dash)...]
        switch (Self.number(firstText), Self.number(lastText)) {
        case (nil, let count?) where firstText.isEmpty:
            // The last `count` bytes.
            self = count == 0 || bodyLength == 0 ? .notSatisfiable : .part(max(0, bodyLength - count)..<bodyLength)
        case (let first?, nil) where lastText.isEmpty:
            self = first < bodyLength ? .part(first..<bodyLength) : .notSatisfiable
        case (let first?, let last?) where first <= last:
            self = first < bodyLength ? .part(first..<min(last, bodyLength - 1) + 1) : .notSatisfiable
        default:
            self = .whole
        }
    }

    private static func singleRange(_ header: String) -> Substring? {
        let unit = "bytes="
        guard header.lowercased().hasPrefix(unit), !header.contains(",") else { return nil }
        return header.dropFirst(unit.count).drop { $0 == " " }
    }

    private static func number(_ text: Substring) -> Int? {
        text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(text) : nil
    }
}
