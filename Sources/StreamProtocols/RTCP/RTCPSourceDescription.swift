/// Who the sources are (SDES, RFC 3550 §6.5).
public struct RTCPSourceDescription: Sendable, Equatable {
    /// One item of a source.
    public struct Item: Sendable, Equatable {
        /// 1 is CNAME (RFC 3550 §6.5.1), the only one that everybody sends.
        public var type: UInt8
        /// At most 255 bytes are written.
        public var text: String

        public init(type: UInt8, text: String) {
            self.type = type
            self.text = text
        }
    }

    /// The items of one source.
    public struct Chunk: Sendable, Equatable {
        public var ssrc: UInt32
        public var items: [Item]

        public init(ssrc: UInt32, items: [Item]) {
            self.ssrc = ssrc
            self.items = items
        }
    }

    public static let cnameType: UInt8 = 1

    /// At most 31 are written.
    public var chunks: [Chunk]

    public init(chunks: [Chunk]) {
        self.chunks = chunks
    }

    /// The description of one source by its canonical name, which must come with each report (RFC 3550 §6.1).
    public init(ssrc: UInt32, cname: String) {
        chunks = [Chunk(ssrc: ssrc, items: [Item(type: Self.cnameType, text: cname)])]
    }

    init?(_ reader: inout ByteReader, chunkCount: UInt8) {
        chunks = []
        for _ in 0..<chunkCount {
            guard let chunk = Self.readChunk(&reader) else { return nil }
            chunks.append(chunk)
        }
    }

    private static func readChunk(_ reader: inout ByteReader) -> Chunk? {
        let start = reader.rest.count
        guard let ssrc = reader.readUInt32() else { return nil }
        var chunk = Chunk(ssrc: ssrc, items: [])
        while let type = reader.readUInt8() {
            if type == 0 {
                // RFC 3550 §6.5: zeros fill the chunk up to 32 bits. A peer may leave them out at the very end.
                let unaligned = (start - reader.rest.count) % 4
                if unaligned != 0 { _ = reader.readBytes(min(4 - unaligned, reader.rest.count)) }
                return chunk
            }
            guard let length = reader.readUInt8(), let text = reader.readBytes(Int(length)) else { return nil }
            chunk.items.append(Item(type: type, text: RTCPPacket.itemText(String(decoding: text, as: UTF8.self))))
        }
        return chunk
    }

    /// - Returns: the number of chunks.
    func append(to bytes: inout [UInt8]) -> Int {
        let written = chunks.prefix(RTCPPacket.itemCountLimit)
        for chunk in written {
            bytes.appendBigEndian(chunk.ssrc)
            for item in chunk.items {
                let text = RTCPPacket.itemText(item.text).utf8
                bytes.append(item.type)
                bytes.append(UInt8(truncatingIfNeeded: text.count))
                bytes.append(contentsOf: text)
            }
            // At least one zero ends the items, more fill up to 32 bits.
            repeat { bytes.append(0) } while bytes.count % 4 != 0
        }
        return written.count
    }
}
