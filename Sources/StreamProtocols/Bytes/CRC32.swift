/// The CRC of ISO/IEC 3309 (ITU-T V.42 §8.1.1.6.2), as Ethernet and zlib have it: reflected, all ones first and last.
enum CRC32 {
    private static let table: [UInt32] = (0..<256).map { index in
        var value = UInt32(index)
        for _ in 0..<8 { value = value & 1 != 0 ? (value >> 1) ^ 0xEDB8_8320 : value >> 1 }
        return value
    }

    static func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
        ~bytes.reduce(0xFFFF_FFFF) { sum, byte in
            (sum >> 8) ^ table[Int((sum ^ UInt32(byte)) & 0xFF)]
        }
    }
}
