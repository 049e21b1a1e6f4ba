/// Cuts payloads into the 188-byte packets of one PID and numbers them (ISO/IEC 13818-1 §2.4.3.2).
struct TSPacketWriter: Sendable {
    static let packetLength = 188
    private static let headerLength = 4
    private static let maximumPayloadLength = packetLength - headerLength

    let pid: UInt16
    private var continuityCounter: UInt8 = 0

    init(pid: UInt16) {
        self.pid = pid
    }

    /// What the adaptation field of a payload's first packet says (§2.4.3.4).
    struct Adaptation {
        /// random_access_indicator: decoding can begin here.
        var isRandomAccess: Bool
        /// program_clock_reference_base, in 90 kHz units.
        var clockReference: Int64?

        /// Flags and clock, without the length byte.
        var length: Int { clockReference == nil ? 1 : 7 }
    }

    /// Appends a section in one packet of its own, filled up with 0xFF (§2.4.4.1).
    mutating func append(section: [UInt8], to bytes: inout [UInt8]) {
        appendHeader(startsUnit: true, hasAdaptation: false, to: &bytes)
        bytes.append(0)
        bytes.append(contentsOf: section)
        let stuffing = Self.maximumPayloadLength - 1 - section.count
        if stuffing > 0 { bytes.append(contentsOf: repeatElement(0xFF, count: stuffing)) }
    }

    /// Appends a PES packet in as many packets as it takes; the last one is filled up in its adaptation field.
    mutating func append(pes: [UInt8], adaptation: Adaptation?, to bytes: inout [UInt8]) {
        var position = 0
        var adaptation = adaptation
        repeat {
            let fieldLength = adaptation.map { 1 + $0.length } ?? 0
            let count = min(pes.count - position, Self.maximumPayloadLength - fieldLength)
            let stuffing = Self.maximumPayloadLength - fieldLength - count
            appendHeader(startsUnit: position == 0, hasAdaptation: fieldLength + stuffing > 0, to: &bytes)
            if fieldLength + stuffing > 0 {
                Self.append(adaptation, totalLength: fieldLength + stuffing, to: &bytes)
            }
            bytes.append(contentsOf: pes[position..<position + count])
            position += count
            adaptation = nil
        } while position < pes.count
    }

    private mutating func appendHeader(startsUnit: Bool, hasAdaptation: Bool, to bytes: inout [UInt8]) {
        bytes.append(0x47)
        bytes.append((startsUnit ? 0x40 : 0x00) | UInt8(truncatingIfNeeded: pid >> 8) & 0x1F)
        bytes.append(UInt8(truncatingIfNeeded: pid))
        bytes.append((hasAdaptation ? 0x30 : 0x10) | continuityCounter)
        continuityCounter = (continuityCounter + 1) & 0x0F
    }

    /// Appends an adaptation field of `totalLength` bytes including its length byte; a single byte is the length 0.
    private static func append(_ adaptation: Adaptation?, totalLength: Int, to bytes: inout [UInt8]) {
        bytes.append(UInt8(truncatingIfNeeded: totalLength - 1))
        guard totalLength > 1 else { return }
        let hasClock = adaptation?.clockReference != nil
        bytes.append((adaptation?.isRandomAccess == true ? 0x40 : 0x00) | (hasClock ? 0x10 : 0x00))
        if let base = adaptation?.clockReference { append(clockReferenceBase: base, to: &bytes) }
        let stuffing = totalLength - 1 - (adaptation?.length ?? 1)
        if stuffing > 0 { bytes.append(contentsOf: repeatElement(0xFF, count: stuffing)) }
    }

    /// 33 bits of base, six reserved bits, nine bits of extension, which is 0 because our clock is 90 kHz (§2.4.3.5).
    private static func append(clockReferenceBase base: Int64, to bytes: inout [UInt8]) {
        let base = base & PESPacket.timestampMask
        bytes.append(UInt8(truncatingIfNeeded: base >> 25))
        bytes.append(UInt8(truncatingIfNeeded: base >> 17))
        bytes.append(UInt8(truncatingIfNeeded: base >> 9))
        bytes.append(UInt8(truncatingIfNeeded: base >> 1))
        bytes.append(UInt8(truncatingIfNeeded: base << 7) | 0x7E)
        bytes.append(0)
    }
}
