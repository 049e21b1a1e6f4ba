import StreamProtocols

/// What SRTP has to know of an RTP packet's header (RFC 3711 §3.1), which stays clear.
struct SRTPHeader {
    private static let byteCount = 12

    let sequenceNumber: UInt16
    let ssrc: UInt32
    /// Bytes of it, with contributing sources and extension: where what is encrypted begins.
    let end: Int

    /// - Parameter packetEnd: where the packet itself ends, and a tag may follow.
    init(_ bytes: [UInt8], packetEnd: Int) throws(SRTPError) {
        guard packetEnd >= Self.byteCount else { throw .tooShort(byteCount: bytes.count) }
        let first = bytes[0]
        var end = Self.byteCount + 4 * Int(first & 0x0F)
        if first & 0x10 != 0 {
            guard end + 4 <= packetEnd else { throw .tooShort(byteCount: bytes.count) }
            end += 4 + 4 * Int(bytes.bigEndian(at: end + 2, as: UInt16.self))
        }
        guard end <= packetEnd else { throw .tooShort(byteCount: bytes.count) }
        sequenceNumber = bytes.bigEndian(at: 2)
        ssrc = bytes.bigEndian(at: 8)
        self.end = end
    }

    /// The packet's number with the wraps above its 16 bits, by what is nearest to the highest so far (RFC 3711 §3.3.1).
    ///
    /// - Parameter highest: nil for the first of its source.
    func index(nearestTo highest: UInt64?) throws(SRTPError) -> UInt64 {
        guard let highest else { return UInt64(sequenceNumber) }
        // Numbers are modulo 2¹⁶; as signed, a negative step is an older packet.
        let step = Int16(truncatingIfNeeded: Int(sequenceNumber) - Int(highest & 0xFFFF))
        // 2⁴⁸ packets are centuries.
        guard step < 0 else { return highest + UInt64(step) }
        let distance = UInt64(-Int(step))
        guard distance <= highest else { throw .tooOld(sequenceNumber: sequenceNumber) }
        return highest - distance
    }
}
