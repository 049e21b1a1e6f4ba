/// What a NAL unit is for, told alike for all codecs.
public enum NALUnitKind: Sendable, Hashable {
    /// Coded data of a picture at which decoding can begin, once the parameter sets are known.
    case randomAccessSlice
    /// Coded data of another picture.
    case slice
    /// H.265: coded data of a picture that is shown before one that was decoded earlier.
    case leadingSlice
    case parameterSet
    case accessUnitDelimiter
    /// The end of a sequence or stream, or filler: it concerns the stream that the unit came in, and no other.
    case framing
    case other

    /// Whether the unit carries picture data (VCL).
    public var isPicture: Bool {
        switch self {
        case .randomAccessSlice, .slice, .leadingSlice: true
        case .parameterSet, .accessUnitDelimiter, .framing, .other: false
        }
    }
}

extension VideoCodec {
    /// What a NAL unit of this codec is for.
    public func kind(of nalUnit: ArraySlice<UInt8>) -> NALUnitKind {
        switch self {
        case .h264: H264NALType(of: nalUnit)?.kind ?? .other
        case .h265: H265NALType(of: nalUnit)?.kind ?? .other
        }
    }

    /// Whether bytes have a NAL unit's header, with a type that is not one of the payload structures of RTP.
    func isNALUnit(_ bytes: ArraySlice<UInt8>) -> Bool {
        switch self {
        case .h264: bytes.first.map { (1...23).contains($0 & 0x1F) } ?? false
        case .h265: bytes.count >= H265NALType.headerByteCount && bytes.first.map { $0 >> 1 & 0x3F < 48 } ?? false
        }
    }

    /// Whether a NAL unit is a slice of a picture that may be shown before one that was decoded earlier. In H.264 the B
    /// slices tell; in H.265 encoders without any delay use them as well, and the leading pictures tell.
    public func isReordered(_ nalUnit: ArraySlice<UInt8>) -> Bool {
        switch self {
        case .h264: H264SliceHeader.sliceType(of: nalUnit) == .b
        case .h265: kind(of: nalUnit) == .leadingSlice
        }
    }
}

extension H264NALType {
    /// Told as for all codecs.
    var kind: NALUnitKind {
        switch self {
        case .idrSlice: .randomAccessSlice
        case .nonIDRSlice, .sliceDataPartitionA: .slice
        case .sps, .pps: .parameterSet
        case .accessUnitDelimiter: .accessUnitDelimiter
        case .endOfSequence, .endOfStream, .fillerData: .framing
        case .sei, .other: isVCL ? .slice : .other
        }
    }
}

extension H265NALType {
    /// Told as for all codecs.
    var kind: NALUnitKind {
        switch self {
        case .randomAccessSlice: .randomAccessSlice
        case .trailingSlice: .slice
        case .leadingSlice: .leadingSlice
        case .vps, .sps, .pps: .parameterSet
        case .accessUnitDelimiter: .accessUnitDelimiter
        case .endOfSequence, .endOfBitstream, .fillerData: .framing
        case .prefixSEI, .other: .other
        }
    }
}
