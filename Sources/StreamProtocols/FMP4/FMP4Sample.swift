/// One coded picture of a fragment. Its NAL units are stored with lengths of four bytes (ISO/IEC 14496-15 §5.3.2).
public struct FMP4Sample: Sendable {
    /// In the track's timescale.
    public var duration: UInt32
    /// Presentation time less decoding time, in the track's timescale.
    public var compositionOffset: Int32
    /// A random access point.
    public var isSync: Bool
    /// The NAL units without start codes.
    public var nalUnits: [ArraySlice<UInt8>]

    public init(duration: UInt32, compositionOffset: Int32 = 0, isSync: Bool, nalUnits: [ArraySlice<UInt8>]) {
        self.duration = duration
        self.compositionOffset = compositionOffset
        self.isSync = isSync
        self.nalUnits = nalUnits
    }

    /// Bytes in `mdat`.
    var dataLength: Int { nalUnits.reduce(0) { $0 + 4 + $1.count } }

    /// sample_depends_on 2, "no other", for a sync sample; 1 and sample_is_non_sync_sample for the others
    /// (ISO/IEC 14496-12 §8.8.3.1).
    var flags: UInt32 { isSync ? 0x0200_0000 : 0x0101_0000 }

    func appendData(to bytes: inout [UInt8]) {
        for nalUnit in nalUnits {
            bytes.appendBigEndian(UInt32(clamping: nalUnit.count))
            bytes.append(contentsOf: nalUnit)
        }
    }
}
