/// The CRC of program specific information (ISO/IEC 13818-1 Annex A): polynomial 0x04C11DB7, all ones first, no
/// reflection.
enum MPEG2CRC32 {
    private static let table: [UInt32] = (0..<256).map { index in
        var value = UInt32(index) << 24
        for _ in 0..<8 {
            value = value & 0x8000_0000 != 0 ? (value << 1) ^ 0x04C1_1DB7 : value << 1
        }
        return value
    }

    static func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
        bytes.reduce(0xFFFF_FFFF) { sum, byte in
            (sum << 8) ^ table[Int((sum >> 24) ^ UInt32(byte))]
        }
    }
}
