/// One coded picture or frame of sound of a fragment. NAL units are stored with lengths of four bytes (ISO/IEC 14496-15
/// §5.3.2).
public struct FMP4Sample: Sendable {
    /// In the track's timescale.
    public var duration: UInt32
    /// Presentation time less decoding time, in the track's timescale.
    public var compositionOffset: Int32
    /// A random access point.
    public var isSync: Bool
    public var payload: Sample.Payload

    public init(duration: UInt32, compositionOffset: Int32 = 0, isSync: Bool, payload: Sample.Payload) {
        self.duration = duration
        self.compositionOffset = compositionOffset
        self.isSync = isSync
        self.payload = payload
    }

    /// Bytes in `mdat`.
    var dataLength: Int {
        switch payload {
        case .nalUnits(let nalUnits): nalUnits.reduce(0) { $0 + 4 + $1.count }
        case .frame(let frame): frame.count
        case .packet: 0
        }
    }

    /// sample_depends_on 2, "no other", for a sync sample; 1 and sample_is_non_sync_sample for the others
    /// (ISO/IEC 14496-12 §8.8.3.1).
    var flags: UInt32 { isSync ? 0x0200_0000 : 0x0101_0000 }

    func appendData(to bytes: inout [UInt8]) {
        switch payload {
        case .nalUnits(let nalUnits):
            for nalUnit in nalUnits {
                bytes.appendBigEndian(UInt32(clamping: nalUnit.count))
                bytes.append(contentsOf: nalUnit)
            }
        case .frame(let frame): bytes.append(contentsOf: frame)
        case .packet: break
        }
    }
}
