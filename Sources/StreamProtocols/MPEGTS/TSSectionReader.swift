/// Puts the sections of one PID together (ISO/IEC 13818-1 §2.4.4).
struct TSSectionReader: Sendable {
    /// Bytes of a section of the program tables at most (§2.4.4.5: a section_length of 1021).
    static let limit = 1024
    /// Bytes up to section_length, and the byte that only fills up behind the last section (§2.4.4.1).
    private static let headerLength = 3
    private static let stuffing: UInt8 = 0xFF

    private var continuity = TSContinuity()
    /// What has come of a section; nil up to the next one that begins.
    private var bytes: [UInt8]?

    /// The sections that a packet completes and whose checksum is right.
    mutating func append(_ packet: TSPacket) -> [ArraySlice<UInt8>] {
        switch continuity.verdict(on: packet) {
        case .next: break
        case .duplicate: return []
        case .gap: bytes = nil
        }
        guard let payload = packet.payload else { return [] }
        guard packet.startsUnit else { return take(payload) }
        // pointer_field: so many bytes still belong to the section before.
        guard let pointer = payload.first, Int(pointer) < payload.count else {
            bytes = nil
            return []
        }
        let start = payload.startIndex + 1 + Int(pointer)
        let sections = take(payload[payload.startIndex + 1..<start])
        bytes = []
        return sections + take(payload[start...])
    }

    private mutating func take(_ piece: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
        guard let former = bytes.take() else { return [] }
        var rest = (former + piece)[...]
        var sections: [ArraySlice<UInt8>] = []
        while let first = rest.first {
            if first == Self.stuffing { return sections }
            guard rest.count >= Self.headerLength else { break }
            let start = rest.startIndex
            let length = Self.headerLength + (Int(rest[start + 1] & 0x0F) << 8 | Int(rest[start + 2]))
            if length > Self.limit { return sections }
            guard rest.count >= length else { break }
            // Over a section and its own checksum the remainder is zero (annex A).
            let section = rest.prefix(length)
            if MPEG2CRC32.checksum(section) == 0 { sections.append(section) }
            rest = rest.dropFirst(length)
        }
        bytes = [UInt8](rest)
        return sections
    }
}
