/// Reads bits, the most significant of each byte first, from bytes that somebody else wrote: every read checks that enough is
/// left.
struct BitReader {
    private let bytes: ArraySlice<UInt8>
    /// Bits that have been read.
    private(set) var position = 0

    init(_ bytes: ArraySlice<UInt8>) { self.bytes = bytes }

    var remainingCount: Int { bytes.count * 8 - position }

    mutating func readBit() -> Bool? {
        guard remainingCount > 0 else { return nil }
        defer { position += 1 }
        return bit(at: position)
    }

    /// An unsigned number of up to 32 bits.
    mutating func read(_ count: Int) -> UInt32? {
        guard (0...32).contains(count), count <= remainingCount else { return nil }
        var value: UInt32 = 0
        for offset in 0..<count { value = value << 1 | (bit(at: position + offset) ? 1 : 0) }
        position += count
        return value
    }

    mutating func skip(_ count: Int) -> Bool {
        guard count >= 0, count <= remainingCount else { return false }
        position += count
        return true
    }

    /// The bits that have been read since `start`, from the top of the first byte on; the last byte is filled up with zeros.
    func bytes(since start: Int) -> [UInt8] {
        var copy: [UInt8] = []
        var index = start
        while index < position {
            var byte: UInt8 = 0
            for offset in 0..<8 where index + offset < position && bit(at: index + offset) {
                byte |= 0x80 >> UInt8(offset)
            }
            copy.append(byte)
            index += 8
        }
        return copy
    }

    private func bit(at position: Int) -> Bool {
        bytes[bytes.startIndex + position / 8] >> UInt8(7 - position % 8) & 1 == 1
    }
}
