/// What decoding asks of a decoder (`profile_tier_level`, ITU-T H.265 §7.3.3), for the whole stream.
public struct H265ProfileTierLevel: Sendable, Equatable {
    /// 0…3
    public internal(set) var profileSpace: UInt8
    /// Whether it is the High tier.
    public internal(set) var isHighTier: Bool
    /// 0…31: 1 is Main, 2 is Main 10.
    public internal(set) var profileIDC: UInt8
    /// `general_profile_compatibility_flag[0]` is the highest bit.
    public internal(set) var compatibilityFlags: UInt32
    /// The 48 bits from `general_progressive_source_flag` on, the first in the highest bit of the first byte.
    public internal(set) var constraintFlags: [UInt8]
    /// 30 times the level's number.
    public internal(set) var levelIDC: UInt8

    /// The `CODECS` parameter behind the sample entry's name (ISO/IEC 14496-15 annex E.3): `1.6.L93.B0`.
    var codecParameters: String {
        let space = profileSpace == 0 ? "" : String(UnicodeScalar(UInt8(ascii: "A") + (profileSpace & 3) - 1))
        // "in reverse bit order", so that flag 0 is the lowest bit.
        var reversed: UInt32 = 0
        for bit in UInt32(0)..<32 { reversed = reversed << 1 | (compatibilityFlags >> bit & 1) }
        var elements = [
            "\(space)\(profileIDC)", String(reversed, radix: 16, uppercase: true),
            "\(isHighTier ? "H" : "L")\(levelIDC)",
        ]
        // Trailing bytes that are zero are left out.
        let constraints = constraintFlags.reversed().drop { $0 == 0 }.reversed()
        elements += constraints.map { String($0, radix: 16, uppercase: true) }
        return elements.joined(separator: ".")
    }

    /// The twelve bytes as `profile_tier_level` and the decoder configuration record have them.
    var bytes: [UInt8] {
        var bytes = [profileSpace << 6 | (isHighTier ? 0x20 : 0) | profileIDC]
        bytes.appendBigEndian(compatibilityFlags)
        return bytes + constraintFlags + [levelIDC]
    }

    /// Reads the general part, and skips that of the sub-layers.
    init(_ reader: inout NALUnitBitReader, maxSubLayersMinus1: Int) throws(BitstreamError) {
        profileSpace = UInt8(truncatingIfNeeded: try reader.readBits(2))
        isHighTier = try reader.readBit()
        profileIDC = UInt8(truncatingIfNeeded: try reader.readBits(5))
        compatibilityFlags = try reader.readBits(32)
        constraintFlags = []
        for _ in 0..<6 { constraintFlags.append(UInt8(truncatingIfNeeded: try reader.readBits(8))) }
        levelIDC = UInt8(truncatingIfNeeded: try reader.readBits(8))
        guard maxSubLayersMinus1 > 0 else { return }
        var subLayerBitCount = 0
        for _ in 0..<maxSubLayersMinus1 {
            if try reader.readBit() { subLayerBitCount += 88 }
            if try reader.readBit() { subLayerBitCount += 8 }
        }
        // reserved_zero_2bits up to the eighth sub-layer.
        try reader.skipBits(2 * (8 - maxSubLayersMinus1) + subLayerBitCount)
    }
}
