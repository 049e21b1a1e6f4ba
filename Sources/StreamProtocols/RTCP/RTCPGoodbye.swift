/// Sources that end (BYE, RFC 3550 §6.6).
public struct RTCPGoodbye: Sendable, Equatable {
    /// At most 31 are written.
    public var ssrcs: [UInt32]
    /// Why; at most 255 bytes are written.
    public var reason: String?

    public init(ssrcs: [UInt32], reason: String? = nil) {
        self.ssrcs = ssrcs
        self.reason = reason
    }

    init?(_ reader: inout ByteReader, sourceCount: UInt8) {
        ssrcs = []
        for _ in 0..<sourceCount {
            guard let ssrc = reader.readUInt32() else { return nil }
            ssrcs.append(ssrc)
        }
        guard let length = reader.readUInt8() else { return }
        guard let text = reader.readBytes(Int(length)) else { return nil }
        reason = RTCPPacket.itemText(String(decoding: text, as: UTF8.self))
    }

    /// - Returns: the number of sources.
    func append(to bytes: inout [UInt8]) -> Int {
        let written = ssrcs.prefix(RTCPPacket.itemCountLimit)
        for ssrc in written { bytes.appendBigEndian(ssrc) }
        if let text = reason.map(RTCPPacket.itemText)?.utf8 {
            bytes.append(UInt8(truncatingIfNeeded: text.count))
            bytes.append(contentsOf: text)
        }
        return written.count
    }
}
