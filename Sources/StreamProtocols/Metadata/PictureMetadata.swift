/// JSON that travels with a picture: one object.
public struct PictureMetadata: Sendable, Hashable {
    /// Bytes of one picture's at most.
    public static let byteLimit = 16 << 10

    /// The text of the object, in UTF-8.
    public let json: [UInt8]

    /// - Returns: nil for what can't be the text of an object, or is longer than ``byteLimit``. Whether it is one, a parser says.
    public init?(json: some BidirectionalCollection<UInt8>) {
        guard json.count <= Self.byteLimit, json.first == UInt8(ascii: "{"), json.last == UInt8(ascii: "}"),
            // RFC 8259 §2, §7: below the blank, JSON has tabs and the ends of lines. So there is nothing in it, nor in the UUID
            // before it, that a NAL unit would have to escape (H.264 §7.4.1, H.265 §7.4.2).
            json.allSatisfy({ $0 >= 0x09 }), String(validating: json, as: UTF8.self) != nil
        else { return nil }
        self.json = Array(json)
    }

    /// The text of the object.
    public var text: String { String(decoding: json, as: UTF8.self) }
}
