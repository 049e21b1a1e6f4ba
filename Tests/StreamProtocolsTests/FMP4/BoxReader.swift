/// Reads boxes from ISO/IEC 14496-12 §4.2 alone, sharing no code with the writer.
struct BoxReader {
    struct Box {
        var type: String
        /// Where the box begins in what was read.
        var offset: Int
        var body: [UInt8]

        func integer(at offset: Int, bytes count: Int) -> UInt64? {
            guard offset + count <= body.count else { return nil }
            return body[offset..<offset + count].reduce(0) { $0 << 8 | UInt64($1) }
        }
    }

    static func boxes(_ bytes: [UInt8]) -> [Box]? {
        var boxes: [Box] = []
        var position = 0
        while position < bytes.count {
            guard position + 8 <= bytes.count else { return nil }
            let size = bytes[position..<position + 4].reduce(0) { $0 << 8 | Int($1) }
            guard size >= 8, position + size <= bytes.count else { return nil }
            let type = String(decoding: bytes[position + 4..<position + 8], as: UTF8.self)
            boxes.append(Box(type: type, offset: position, body: Array(bytes[position + 8..<position + size])))
            position += size
        }
        return boxes
    }

    /// The box at `path`, where containers hold only boxes.
    static func box(_ path: String, in bytes: [UInt8]) -> Box? {
        var bytes = bytes
        var found: Box?
        for type in path.split(separator: "/") {
            found = boxes(bytes)?.first { $0.type == type }
            guard let body = found?.body else { return nil }
            bytes = body
        }
        return found
    }
}
