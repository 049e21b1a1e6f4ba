/// `nal_unit_type` of an H.264 NAL unit (ITU-T H.264 table 7-1). Types that nothing here tells apart are `other`.
public enum H264NALType: Sendable, Hashable {
    /// 1: slice of a picture that is not IDR.
    case nonIDRSlice
    /// 2: slice data partition A; it carries the slice header.
    case sliceDataPartitionA
    /// 5: slice of an IDR picture.
    case idrSlice
    /// 6: supplemental enhancement information.
    case sei
    /// 7: sequence parameter set.
    case sps
    /// 8: picture parameter set.
    case pps
    /// 9: access unit delimiter.
    case accessUnitDelimiter
    /// 10
    case endOfSequence
    /// 11
    case endOfStream
    /// 12
    case fillerData
    /// Any other value, 0…31.
    case other(UInt8)

    /// - Parameter rawValue: the type; only the low five bits count, so a whole NAL header byte may be given.
    public init(rawValue: UInt8) {
        switch rawValue & 0x1F {
        case 1: self = .nonIDRSlice
        case 2: self = .sliceDataPartitionA
        case 5: self = .idrSlice
        case 6: self = .sei
        case 7: self = .sps
        case 8: self = .pps
        case 9: self = .accessUnitDelimiter
        case 10: self = .endOfSequence
        case 11: self = .endOfStream
        case 12: self = .fillerData
        case let type: self = .other(type)
        }
    }

    /// The type of a NAL unit by its first byte; nil when it is empty.
    public init?(of nalUnit: some Collection<UInt8>) {
        guard let header = nalUnit.first else { return nil }
        self.init(rawValue: header)
    }

    /// The number of table 7-1.
    public var rawValue: UInt8 {
        switch self {
        case .nonIDRSlice: 1
        case .sliceDataPartitionA: 2
        case .idrSlice: 5
        case .sei: 6
        case .sps: 7
        case .pps: 8
        case .accessUnitDelimiter: 9
        case .endOfSequence: 10
        case .endOfStream: 11
        case .fillerData: 12
        case .other(let type): type
        }
    }

    /// Whether the unit carries picture data (VCL, types 1…5).
    public var isVCL: Bool { (1...5).contains(rawValue) }

    /// Whether the unit carries a slice header: a slice, or its partition A.
    public var hasSliceHeader: Bool { self == .nonIDRSlice || self == .idrSlice || self == .sliceDataPartitionA }
}
