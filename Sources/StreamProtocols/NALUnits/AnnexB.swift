/// The byte stream format (ITU-T H.264 annex B, and the same in H.265): NAL units behind start codes.
public enum AnnexB {
    /// Splits a byte stream into its NAL units, which refer to the same storage. Empty ones are left out, and so are
    /// bytes before the first start code.
    ///
    /// - Parameter limit: units after which it stops, for bytes of somebody who may have written start codes alone.
    public static func split(_ bytes: ArraySlice<UInt8>, limit: Int = .max) -> [ArraySlice<UInt8>] {
        var nalUnits: [ArraySlice<UInt8>] = []
        guard var start = startCodeEnd(in: bytes, from: bytes.startIndex)?.end else { return [] }
        while nalUnits.count < limit, let next = startCodeEnd(in: bytes, from: start) {
            append(bytes[start..<next.start], to: &nalUnits)
            start = next.end
        }
        if nalUnits.count < limit { append(bytes[start...], to: &nalUnits) }
        return nalUnits
    }

    /// Splits an array.
    public static func split(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] { split(bytes[...]) }

    /// The byte stream of NAL units, each behind a start code of four bytes.
    public static func join(_ nalUnits: some Collection<ArraySlice<UInt8>>) -> [UInt8] {
        var bytes: [UInt8] = []
        append(nalUnits, to: &bytes)
        return bytes
    }

    /// Appends NAL units, each behind a start code of four bytes.
    public static func append(_ nalUnits: some Collection<ArraySlice<UInt8>>, to bytes: inout [UInt8]) {
        bytes.reserveCapacity(nalUnits.reduce(bytes.count) { $0 + $1.count + 4 })
        for nalUnit in nalUnits {
            bytes.append(contentsOf: [0, 0, 0, 1])
            bytes.append(contentsOf: nalUnit)
        }
    }

    /// Whether bytes begin with a start code of three or four bytes.
    public static func beginsWithStartCode(_ bytes: some Collection<UInt8>) -> Bool {
        bytes.starts(with: [0, 0, 1]) || bytes.starts(with: [0, 0, 0, 1])
    }

    /// The next 00 00 01: its first byte and the byte behind it.
    private static func startCodeEnd(
        in bytes: ArraySlice<UInt8>,
        from start: Int
    ) -> (start: Int, end: Int)? {
        var index = start
        while index + 2 < bytes.endIndex {
            // Most bytes are above 1, and after such a one at the third place no start code can end before the sixth.
            let third = bytes[index + 2]
            if third > 1 {
                index += 3
            } else if third == 1, bytes[index] == 0, bytes[index + 1] == 0 {
                return (index, index + 3)
            } else {
                index += 1
            }
        }
        return nil
    }

    /// Zero bytes behind a NAL unit belong to the next start code or to padding (§B.1.1): a unit never ends in zero.
    private static func append(_ nalUnit: ArraySlice<UInt8>, to nalUnits: inout [ArraySlice<UInt8>]) {
        var nalUnit = nalUnit
        while nalUnit.last == 0 { nalUnit.removeLast() }
        if !nalUnit.isEmpty { nalUnits.append(nalUnit) }
    }
}
