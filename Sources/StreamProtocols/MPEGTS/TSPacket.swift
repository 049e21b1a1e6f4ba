/// A packet of a transport stream that somebody else wrote (ISO/IEC 13818-1 §2.4.3.2).
struct TSPacket {
    static let byteCount = TSPacketWriter.packetLength
    static let syncByte: UInt8 = 0x47

    let pid: UInt16
    /// payload_unit_start_indicator: a PES packet or a section begins in the payload.
    let startsUnit: Bool
    let continuityCounter: UInt8
    /// discontinuity_indicator: counter and clock may be others than those that would follow.
    private(set) var isDiscontinuous = false
    /// program_clock_reference_base: 33 bits of 90 kHz.
    private(set) var clockReference: Int64?
    /// Nil in a packet that has an adaptation field alone.
    private(set) var payload: ArraySlice<UInt8>?

    /// - Parameter bytes: the 188 of a packet.
    /// - Returns: nil for a packet that is damaged, or scrambled.
    init?(_ bytes: ArraySlice<UInt8>) {
        var reader = ByteReader(bytes)
        guard bytes.count == Self.byteCount, reader.readUInt8() == Self.syncByte, let head = reader.readUInt16(),
            let control = reader.readUInt8(),
            // transport_error_indicator, transport_scrambling_control, and the adaptation_field_control that is reserved.
            head & 0x8000 == 0, control & 0xC0 == 0, control & 0x30 != 0
        else { return nil }
        pid = head & 0x1FFF
        startsUnit = head & 0x4000 != 0
        continuityCounter = control & 0x0F
        if control & 0x20 != 0 {
            guard let length = reader.readUInt8(), let field = reader.readBytes(Int(length)) else { return nil }
            readAdaptation(field)
        }
        if control & 0x10 != 0 { payload = reader.rest }
    }

    /// §2.4.3.4; what follows the clock says nothing that is needed.
    private mutating func readAdaptation(_ field: ArraySlice<UInt8>) {
        var reader = ByteReader(field)
        guard let flags = reader.readUInt8() else { return }
        isDiscontinuous = flags & 0x80 != 0
        guard flags & 0x10 != 0, let high = reader.readUInt32(), let low = reader.readUInt8() else { return }
        clockReference = Int64(high) << 1 | Int64(low >> 7)
    }
}

/// Whether the packets of one PID follow each other (§2.4.3.3).
struct TSContinuity: Sendable {
    enum Verdict {
        case next
        /// The packet before, once more.
        case duplicate
        /// Packets before it never came.
        case gap
    }

    private var last: UInt8?

    mutating func verdict(on packet: TSPacket) -> Verdict {
        // A packet without payload does not count.
        guard packet.payload != nil else { return .next }
        let former = last
        last = packet.continuityCounter
        guard let former, !packet.isDiscontinuous else { return .next }
        if packet.continuityCounter == former { return .duplicate }
        return packet.continuityCounter == (former + 1) & 0x0F ? .next : .gap
    }
}

/// Finds the packets in bytes that come in pieces of any length.
struct TSPacketSplitter: Sendable {
    private var rest: [UInt8] = []
    /// Bytes that were no part of any packet.
    private(set) var skippedByteCount = 0

    /// The packets that the bytes complete, which refer to the same storage.
    mutating func append(_ bytes: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
        let data = rest.isEmpty ? bytes : (rest + bytes)[...]
        var packets: [ArraySlice<UInt8>] = []
        var start = data.startIndex
        while data.endIndex - start >= TSPacket.byteCount {
            let end = start + TSPacket.byteCount
            // The byte may be in the middle of a packet as well: behind a whole one, the next begins with it again.
            if data[start] == TSPacket.syncByte, end == data.endIndex || data[end] == TSPacket.syncByte {
                packets.append(data[start..<end])
                start = end
            } else {
                start += 1
                skippedByteCount += 1
            }
        }
        rest = [UInt8](data[start...])
        return packets
    }
}
