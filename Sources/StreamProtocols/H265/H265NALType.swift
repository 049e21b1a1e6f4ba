/// `nal_unit_type` of an H.265 NAL unit (ITU-T H.265 table 7-1). Types that nothing here tells apart are `slice` or
/// `other`.
public enum H265NALType: Sendable, Hashable {
    /// 0…5, and the reserved 10…15: a slice of a picture at which decoding can't begin, shown where it is decoded.
    case trailingSlice(UInt8)
    /// 6…9 (RADL, RASL): a slice of a picture that is decoded after an IRAP picture and shown before it.
    case leadingSlice(UInt8)
    /// 16…23: a slice of an intra random access point (IRAP) picture: BLA, IDR or CRA.
    case randomAccessSlice(UInt8)
    /// 32: video parameter set.
    case vps
    /// 33: sequence parameter set.
    case sps
    /// 34: picture parameter set.
    case pps
    /// 35: access unit delimiter.
    case accessUnitDelimiter
    /// 36
    case endOfSequence
    /// 37
    case endOfBitstream
    /// 38
    case fillerData
    /// 39: supplemental enhancement information before the picture.
    case prefixSEI
    /// Any other value, 24…63.
    case other(UInt8)

    /// CRA: a random access picture whose leading pictures may refer to what came before it.
    static let craType: UInt8 = 21
    /// The length of a NAL unit's header in bytes (§7.3.1.2).
    static let headerByteCount = 2

    /// - Parameter rawValue: the number of table 7-1; only the low six bits count.
    public init(rawValue: UInt8) {
        switch rawValue & 0x3F {
        case 6...9: self = .leadingSlice(rawValue & 0x3F)
        case 0...15: self = .trailingSlice(rawValue & 0x3F)
        case 16...23: self = .randomAccessSlice(rawValue & 0x3F)
        case 32: self = .vps
        case 33: self = .sps
        case 34: self = .pps
        case 35: self = .accessUnitDelimiter
        case 36: self = .endOfSequence
        case 37: self = .endOfBitstream
        case 38: self = .fillerData
        case 39: self = .prefixSEI
        case let type: self = .other(type)
        }
    }

    /// The type of a NAL unit by its first byte; nil when the header is not whole.
    public init?(of nalUnit: some Collection<UInt8>) {
        guard nalUnit.prefix(Self.headerByteCount).count == Self.headerByteCount, let header = nalUnit.first else {
            return nil
        }
        self.init(rawValue: header >> 1)
    }
}
