/// A message of a supplemental enhancement information unit (ITU-T H.264 §7.3.2.3.1, H.265 §7.3.2.4: they are alike).
enum SEIMessage {
    /// `recovery_point` (H.264 §D.1.8, H.265 §D.2.8).
    private static let recoveryPointType = 6
    /// Messages before this many bytes are looked at; cameras put pages of user data behind the ones that matter.
    private static let byteCountLimit = 1024

    /// `recovery_frame_cnt` of a unit of type 6: how many frames after this one are decoded until what is shown is right;
    /// nil when the unit says nothing about it.
    static func h264RecoveryFrameCount(in nalUnit: ArraySlice<UInt8>) -> UInt32? {
        guard var reader = reader(of: recoveryPointType, in: nalUnit, headerByteCount: 1),
            let count = try? reader.readUE()
        else { return nil }
        // §D.2.8: less than MaxFrameNum, which is 2¹⁶ at most.
        return count < 1 << 16 ? count : nil
    }

    /// `recovery_poc_cnt` of a unit of type 39, as a number of pictures; nil when the unit says nothing about it.
    static func h265RecoveryPictureCount(in nalUnit: ArraySlice<UInt8>) -> UInt32? {
        guard
            var reader = reader(
                of: recoveryPointType, in: nalUnit, headerByteCount: H265NALType.headerByteCount),
            let count = try? reader.readSE()
        else { return nil }
        // §D.3.8: −2¹⁵ … 2¹⁵ − 1; negative ones are of pictures that are shown before.
        return (0..<1 << 15).contains(count) ? UInt32(truncatingIfNeeded: count) : nil
    }

    /// Reads the payload of the first message of a type.
    private static func reader(
        of wantedType: Int, in nalUnit: ArraySlice<UInt8>, headerByteCount: Int
    ) -> NALUnitBitReader? {
        var reader = NALUnitBitReader(
            nalUnit: nalUnit, headerByteCount: headerByteCount, byteCountLimit: byteCountLimit)
        while let type = readNumber(&reader), let byteCount = readNumber(&reader) {
            if type == wantedType { return reader }
            guard (try? reader.skipBits(8 * byteCount)) != nil else { return nil }
        }
        return nil
    }

    /// `payloadType` and `payloadSize`: bytes of 255 are added up with the first that is less.
    private static func readNumber(_ reader: inout NALUnitBitReader) -> Int? {
        var number = 0
        while let byte = try? reader.readBits(8) {
            number += Int(byte)
            if byte != 255 { return number }
        }
        return nil
    }
}
