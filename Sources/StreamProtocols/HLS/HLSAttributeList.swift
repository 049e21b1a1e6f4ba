/// The attribute list of a playlist tag, in the order added (RFC 8216 §4.2).
struct HLSAttributeList {
    private var attributes: [String] = []

    mutating func add(_ name: String, integer value: Int) {
        attributes.append("\(name)=\(value)")
    }

    /// A decimal-floating-point attribute with exactly three decimals, as FRAME-RATE asks (RFC 8216 §4.3.4.2).
    mutating func add(_ name: String, thousandths value: Int) {
        let fraction = String(value % 1000)
        attributes.append("\(name)=\(value / 1000).\(String(repeating: "0", count: 3 - fraction.count))\(fraction)")
    }

    /// A decimal-floating-point attribute: a time in seconds.
    mutating func add(_ name: String, seconds value: Duration) {
        attributes.append("\(name)=\(HLSPlaylistText.seconds(value))")
    }

    mutating func add(_ name: String, enumerated value: String) {
        attributes.append("\(name)=\(value)")
    }

    mutating func add(_ name: String, resolution value: (width: Int, height: Int)) {
        attributes.append("\(name)=\(value.width)x\(value.height)")
    }

    mutating func add(_ name: String, quoted value: String) {
        attributes.append("\(name)=\"\(Self.escaped(value))\"")
    }

    var rendered: String { attributes.joined(separator: ",") }

    /// A quoted string holds no line feed, carriage return or double quote (RFC 8216 §4.2), and has no escape of its
    /// own; everything we quote is a URI or a codec name, where percent-encoding is right.
    private static func escaped(_ value: String) -> String {
        HLSPlaylistText.percentEncoded(value) { $0 == 0x22 }
    }
}

/// What every line of a playlist must respect (RFC 8216 §4.1).
enum HLSPlaylistText {
    /// Percent-encodes control characters, space, and whatever else `isReserved` names, so that a value cannot end its
    /// line.
    static func percentEncoded(_ value: String, alsoEncoding isReserved: (UInt8) -> Bool) -> String {
        func mustEncode(_ byte: UInt8) -> Bool { byte <= 0x20 || byte == 0x7F || isReserved(byte) }
        guard value.utf8.contains(where: { mustEncode($0) }) else { return value }
        var bytes: [UInt8] = []
        for byte in value.utf8 {
            if mustEncode(byte) {
                bytes.append(contentsOf: "%\(Hex.uppercase([byte]))".utf8)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// A URI line: nothing that ends the line, and no `#` first, which would make it a tag or a comment.
    static func uriLine(_ uri: String) -> String {
        let encoded = percentEncoded(uri) { _ in false }
        return encoded.hasPrefix("#") ? "%23" + encoded.dropFirst() : encoded
    }

    /// Seconds with six decimals: `1.040000`.
    static func seconds(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        var wholeSeconds = seconds
        var microseconds = (attoseconds + 500_000_000_000) / 1_000_000_000_000
        if microseconds >= 1_000_000 {
            wholeSeconds += 1
            microseconds -= 1_000_000
        }
        let fraction = String(microseconds)
        return "\(wholeSeconds).\(String(repeating: "0", count: max(0, 6 - fraction.count)))\(fraction)"
    }
}
