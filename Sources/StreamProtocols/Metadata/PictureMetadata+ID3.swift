/// How metadata stands in HLS: in a tag of ID3v2.4, as a text that the user defines (id3v2.4.0-structure §3, id3v2.4.0-frames §4.2.6).
extension PictureMetadata {
    /// The description of the text.
    public static let id3Description = "toposync.metadata"

    public var id3Tag: [UInt8] {
        // Text in UTF-8; its description, with a zero behind it.
        let content: [UInt8] = [3] + Array(Self.id3Description.utf8) + [0] + json
        var frame = Array("TXXX".utf8)
        Self.append(synchsafe: content.count, to: &frame)
        frame += [0, 0]
        frame += content
        // Version 4.0, no flags.
        var tag = Array("ID3".utf8) + [4, 0, 0]
        Self.append(synchsafe: frame.count, to: &tag)
        return tag + frame
    }

    /// A size of 28 bits in four bytes, whose top bits are zero (§6.2).
    private static func append(synchsafe size: Int, to bytes: inout [UInt8]) {
        for shift in [21, 14, 7, 0] { bytes.append(UInt8(truncatingIfNeeded: size >> shift) & 0x7F) }
    }
}
