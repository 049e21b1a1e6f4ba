/// A packetized elementary stream packet (ISO/IEC 13818-1 §2.4.3.6), one access unit each.
enum PESPacket {
    /// 90 kHz times are 33 bits wide on the wire and wrap every 26.5 hours.
    static let timestampMask: Int64 = 0x1_FFFF_FFFF

    /// The bytes of a header with a decoding time, the longest one.
    static let maximumHeaderLength = 19

    /// Appends a header. ``setLength(of:headerAt:)`` completes it once the payload follows.
    static func appendHeader(
        streamID: UInt8,
        presentationTime: Int64,
        decodeTime: Int64,
        to bytes: inout [UInt8]
    ) {
        bytes.append(contentsOf: [0x00, 0x00, 0x01, streamID, 0x00, 0x00])
        // '10', not scrambled, data_alignment_indicator: the payload begins with an access unit.
        bytes.append(0x84)
        if presentationTime == decodeTime {
            bytes.append(contentsOf: [0x80, 5])
            appendTimestamp(presentationTime, prefix: 0b0010, to: &bytes)
        } else {
            bytes.append(contentsOf: [0xC0, 10])
            appendTimestamp(presentationTime, prefix: 0b0011, to: &bytes)
            appendTimestamp(decodeTime, prefix: 0b0001, to: &bytes)
        }
    }

    /// Sets PES_packet_length of the packet that fills `bytes`; 0, "unbounded", is allowed for video that is longer
    /// (§2.4.3.7).
    static func setLength(of bytes: inout [UInt8]) {
        let length = bytes.count - 6
        guard length >= 0, length <= Int(UInt16.max) else { return }
        bytes[4] = UInt8(truncatingIfNeeded: length >> 8)
        bytes[5] = UInt8(truncatingIfNeeded: length)
    }

    /// 33 bits in five bytes with a marker bit after bits 30, 15 and 0.
    private static func appendTimestamp(_ time: Int64, prefix: UInt8, to bytes: inout [UInt8]) {
        let time = time & timestampMask
        bytes.append(prefix << 4 | UInt8(truncatingIfNeeded: time >> 29) & 0x0E | 0x01)
        bytes.append(UInt8(truncatingIfNeeded: time >> 22))
        bytes.append(UInt8(truncatingIfNeeded: time >> 14) | 0x01)
        bytes.append(UInt8(truncatingIfNeeded: time >> 7))
        bytes.append(UInt8(truncatingIfNeeded: time << 1) | 0x01)
    }
}
