/// Reads the bits of a NAL unit's raw byte sequence payload (ITU-T H.264 §7.2, §9.1; H.265 §7.2, §9.2: they are alike).
struct NALUnitBitReader {
    private var bits: BitReader

    /// - Parameters:
    ///   - nalUnit: the unit with its header, which is skipped.
    ///   - headerByteCount: 1 for H.264, 2 for H.265.
    ///   - byteCountLimit: bytes of the payload that may be needed; the rest is not looked at.
    init(nalUnit: ArraySlice<UInt8>, headerByteCount: Int, byteCountLimit: Int) {
        var payload: [UInt8] = []
        var zeroCount = 0
        for byte in nalUnit.dropFirst(headerByteCount).prefix(byteCountLimit) {
            // H.264 §7.4.1, H.265 §7.4.2: 03 behind two zero bytes only keeps start codes from appearing.
            if zeroCount == 2, byte == 3 {
                zeroCount = 0
                continue
            }
            zeroCount = byte == 0 ? min(zeroCount + 1, 2) : 0
            payload.append(byte)
        }
        bits = BitReader(payload[...])
    }

    mutating func readBit() throws(BitstreamError) -> Bool {
        guard let bit = bits.readBit() else { throw .truncated }
        return bit
    }

    /// `u(n)`, up to 32 bits.
    mutating func readBits(_ count: Int) throws(BitstreamError) -> UInt32 {
        guard let value = bits.read(count) else { throw .truncated }
        return value
    }

    mutating func skipBits(_ count: Int) throws(BitstreamError) {
        guard bits.skip(count) else { throw .truncated }
    }

    /// `ue(v)`: up to 31 leading zeros, so that the value fits in 32 bits (H.264 §9.1).
    mutating func readUE() throws(BitstreamError) -> UInt32 {
        var zeroCount = 0
        while try !readBit() {
            zeroCount += 1
            guard zeroCount < 32 else { throw .invalidCode }
        }
        // With 31 zeros the largest value is 2³² − 2.
        let base = UInt32((UInt64(1) << UInt64(zeroCount)) - 1)
        return base &+ (try readBits(zeroCount))
    }

    /// `ue(v)` of a field that is never above `limit`.
    mutating func readUE(_ field: String, upTo limit: UInt32) throws(BitstreamError) -> UInt32 {
        let value = try readUE()
        guard value <= limit else { throw .outOfRange(field) }
        return value
    }

    /// `se(v)` (H.264 §9.1.1).
    mutating func readSE() throws(BitstreamError) -> Int64 {
        let code = Int64(try readUE())
        return code % 2 == 0 ? -(code / 2) : (code + 1) / 2
    }
}

/// Why a NAL unit can't be read.
public enum BitstreamError: Error, Equatable, CustomStringConvertible {
    case truncated
    case invalidCode
    case unexpectedType(UInt8)
    case outOfRange(String)

    public var description: String {
        switch self {
        case .truncated: "The NAL unit ends too early."
        case .invalidCode: "The NAL unit holds an impossible code; it is damaged."
        case .unexpectedType(let type): "The NAL unit is of type \(type), which is not the one expected."
        case .outOfRange(let field): "The field \(field) is out of range; the NAL unit is damaged."
        }
    }
}
