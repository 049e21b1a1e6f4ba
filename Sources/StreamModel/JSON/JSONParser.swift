/// Reads JSON (RFC 8259) in a time that grows with its length and with nothing else, whoever wrote it.
///
/// Foundation's decoder is told which types to expect, and has to be asked for one after another when that is not known: a
/// few kilobytes of nested lists then take it seconds, and a name of nothing but combining marks takes minutes.
struct JSONParser {
    /// Lists and objects within each other at most.
    static let depthLimit = 128

    /// That the text is no JSON, or none that is read here.
    struct Failure: Error {}

    private let bytes: [UInt8]
    private var position = 0

    private init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The document that bytes hold, in UTF-8.
    static func parse(_ bytes: some Sequence<UInt8>) throws(Failure) -> JSONValue {
        var parser = JSONParser([UInt8](bytes))
        // RFC 8259 §8.1: a reader may ignore it, and editors still write it.
        if parser.bytes.starts(with: [0xEF, 0xBB, 0xBF]) { parser.position = 3 }
        let value = try parser.value(depth: 0)
        guard parser.nextSign() == nil else { throw Failure() }
        return value
    }

    // MARK: Bytes

    private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

    /// The next byte that is no white space (§2), which is not taken.
    private mutating func nextSign() -> UInt8? {
        while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
        return current
    }

    private mutating func take(_ sign: Character) throws(Failure) {
        guard nextSign() == sign.asciiValue else { throw Failure() }
        position += 1
    }

    private mutating func take(word: StaticString) throws(Failure) {
        for byte in "\(word)".utf8 {
            guard current == byte else { throw Failure() }
            position += 1
        }
    }

    // MARK: Values

    private mutating func value(depth: Int) throws(Failure) -> JSONValue {
        guard depth <= Self.depthLimit else { throw Failure() }
        switch nextSign() {
        case UInt8(ascii: "{"): return .object(try members(depth: depth))
        case UInt8(ascii: "["): return .array(try elements(depth: depth))
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"):
            try take(word: "true")
            return true
        case UInt8(ascii: "f"):
            try take(word: "false")
            return false
        case UInt8(ascii: "n"):
            try take(word: "null")
            return .null
        default: return try number()
        }
    }

    private mutating func elements(depth: Int) throws(Failure) -> [JSONValue] {
        try take("[")
        var elements: [JSONValue] = []
        if nextSign() != UInt8(ascii: "]") {
            elements.append(try value(depth: depth + 1))
            while nextSign() == UInt8(ascii: ",") {
                position += 1
                elements.append(try value(depth: depth + 1))
            }
        }
        try take("]")
        return elements
    }

    private mutating func members(depth: Int) throws(Failure) -> [String: JSONValue] {
        try take("{")
        var members: [String: JSONValue] = [:]
        if nextSign() != UInt8(ascii: "}") {
            try takeMember(into: &members, depth: depth)
            while nextSign() == UInt8(ascii: ",") {
                position += 1
                try takeMember(into: &members, depth: depth)
            }
        }
        try take("}")
        return members
    }

    /// Of members with one name, the first holds.
    private mutating func takeMember(into members: inout [String: JSONValue], depth: Int) throws(Failure) {
        guard nextSign() == UInt8(ascii: "\"") else { throw Failure() }
        let name = try string()
        try take(":")
        let value = try value(depth: depth + 1)
        if members[name] == nil { members[name] = value }
    }

    // MARK: Numbers (§6)

    private mutating func number() throws(Failure) -> JSONValue {
        let start = position
        if current == UInt8(ascii: "-") { position += 1 }
        let firstDigit = current
        let digitCount = takeDigits()
        guard digitCount > 0, digitCount == 1 || firstDigit != UInt8(ascii: "0") else { throw Failure() }
        var isWhole = true
        if current == UInt8(ascii: ".") {
            isWhole = false
            position += 1
            guard takeDigits() > 0 else { throw Failure() }
        }
        if current == UInt8(ascii: "e") || current == UInt8(ascii: "E") {
            isWhole = false
            position += 1
            if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { position += 1 }
            guard takeDigits() > 0 else { throw Failure() }
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if isWhole, let integer = Int(text) { return .integer(integer) }
        // JSON sets no bounds to numbers, but a value that none of ours can have is no number here.
        guard let number = Double(text), number.isFinite else { throw Failure() }
        return Int(exactly: number).map(JSONValue.integer) ?? .number(number)
    }

    private mutating func takeDigits() -> Int {
        let start = position
        while let byte = current, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
        return position - start
    }

    // MARK: Strings (§7)

    private mutating func string() throws(Failure) -> String {
        position += 1
        let start = position
        while let byte = current, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 { position += 1 }
        guard current != UInt8(ascii: "\"") else {
            defer { position += 1 }
            return try text(bytes[start..<position])
        }
        var content = Array(bytes[start..<position])
        while let byte = current, byte >= 0x20 {
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return try text(content[...])
            case UInt8(ascii: "\\"): try takeEscape(into: &content)
            default: content.append(byte)
            }
        }
        throw Failure()
    }

    private func text(_ bytes: ArraySlice<UInt8>) throws(Failure) -> String {
        guard let text = String(validating: bytes, as: UTF8.self), text.isStreamSafe else { throw Failure() }
        return text
    }

    private mutating func takeEscape(into content: inout [UInt8]) throws(Failure) {
        guard let sign = current else { throw Failure() }
        position += 1
        switch sign {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): content.append(sign)
        case UInt8(ascii: "b"): content.append(0x08)
        case UInt8(ascii: "f"): content.append(0x0C)
        case UInt8(ascii: "n"): content.append(0x0A)
        case UInt8(ascii: "r"): content.append(0x0D)
        case UInt8(ascii: "t"): content.append(0x09)
        case UInt8(ascii: "u"): content.append(contentsOf: String(Character(try scalar())).utf8)
        default: throw Failure()
        }
    }

    /// What follows `\u`: one of 65,536, or two halves of one beyond them.
    private mutating func scalar() throws(Failure) -> Unicode.Scalar {
        let unit = try codeUnit()
        if let scalar = Unicode.Scalar(unit) { return scalar }
        guard UTF16.isLeadSurrogate(unit) else { throw Failure() }
        try take(word: "\\u")
        let trail = try codeUnit()
        guard UTF16.isTrailSurrogate(trail) else { throw Failure() }
        return UTF16.decode(UTF16.EncodedScalar([unit, trail]))
    }

    private mutating func codeUnit() throws(Failure) -> UInt16 {
        guard bytes.count - position >= 4 else { throw Failure() }
        var unit: UInt16 = 0
        for byte in bytes[position..<position + 4] {
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { throw Failure() }
            unit = unit << 4 | UInt16(digit)
        }
        position += 4
        return unit
    }
}
