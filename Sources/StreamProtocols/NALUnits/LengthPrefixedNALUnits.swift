/// NAL units behind their lengths, as MP4 files hold them (ISO/IEC 14496-15 §5.3.2, §8.3.2).
public enum LengthPrefixedNALUnits {
    /// Splits a sample into its NAL units, which refer to the same storage; nil when a length is wrong. Empty units
    /// are left out.
    ///
    /// - Parameter lengthSize: bytes in a length: 1, 2 or 4.
    public static func split(_ bytes: ArraySlice<UInt8>, lengthSize: Int = 4) -> [ArraySlice<UInt8>]? {
        guard [1, 2, 4].contains(lengthSize) else { return nil }
        var reader = ByteReader(bytes)
        var nalUnits: [ArraySlice<UInt8>] = []
        while !reader.isAtEnd {
            let lengthBytes = reader.readBytes(lengthSize)
            guard let length = lengthBytes?.reduce(0, { $0 << 8 | Int($1) }), let nalUnit = reader.readBytes(length)
            else { return nil }
            if !nalUnit.isEmpty { nalUnits.append(nalUnit) }
        }
        return nalUnits
    }

    /// Appends NAL units, each behind its length in four bytes.
    public static func append(_ nalUnits: some Collection<ArraySlice<UInt8>>, to bytes: inout [UInt8]) {
        bytes.reserveCapacity(nalUnits.reduce(bytes.count) { $0 + $1.count + 4 })
        for nalUnit in nalUnits {
            // Access units are bounded far below 4 GB wherever they come from.
            bytes.appendBigEndian(UInt32(truncatingIfNeeded: nalUnit.count))
            bytes.append(contentsOf: nalUnit)
        }
    }
}
