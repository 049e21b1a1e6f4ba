/// How decoding can begin at an access unit.
public enum RandomAccess: Sendable, Hashable {
    /// H.264 IDR; H.265 IDR or BLA: nothing from here on refers to what came before.
    case instantaneous
    /// H.264 recovery point of no frames, or an intra picture with its parameter sets; H.265 CRA ("open GOP"): what is
    /// shown from here on is right. Pictures that are decoded after it and shown before it may refer to what came before,
    /// and can't be decoded by who begins here.
    case openGroup
    /// A recovery point of more ("gradual decoding refresh", "intra refresh"): pictures are whole after so many frames.
    case gradual(frameCount: UInt32)
}

extension RandomAccess {
    /// How decoding can begin at an access unit, once the parameter sets are known; nil when it can't.
    public init?(codec: VideoCodec, nalUnits: some Sequence<ArraySlice<UInt8>>) {
        switch codec {
        case .h264: self.init(h264: nalUnits)
        case .h265: self.init(h265: nalUnits)
        }
    }

    private init?(h264 nalUnits: some Sequence<ArraySlice<UInt8>>) {
        var hasSPS = false
        var recoveryFrameCount: UInt32?
        for nalUnit in nalUnits {
            switch H264NALType(of: nalUnit) {
            case .idrSlice:
                self = .instantaneous
                return
            case .sps: hasSPS = true
            case .sei: recoveryFrameCount = recoveryFrameCount ?? SEIMessage.h264RecoveryFrameCount(in: nalUnit)
            case .nonIDRSlice, .sliceDataPartitionA:
                // SEI and parameter sets come before the first slice (H.264 §7.4.1.2.3).
                self.init(recoveryFrameCount: recoveryFrameCount, hasSPS: hasSPS, slice: nalUnit)
                return
            case .pps, .accessUnitDelimiter, .endOfSequence, .endOfStream, .fillerData, .other, nil: break
            }
        }
        return nil
    }

    private init?(recoveryFrameCount: UInt32?, hasSPS: Bool, slice: ArraySlice<UInt8>) {
        if let recoveryFrameCount, recoveryFrameCount > 0 {
            self = .gradual(frameCount: recoveryFrameCount)
            return
        }
        // A count of 0 at a picture that is predicted is a false promise: decoding would begin with a grey picture.
        guard recoveryFrameCount != nil || hasSPS, H264SliceHeader.sliceType(of: slice) == .i else { return nil }
        self = .openGroup
    }

    private init?(h265 nalUnits: some Sequence<ArraySlice<UInt8>>) {
        var recoveryPictureCount: UInt32?
        for nalUnit in nalUnits {
            switch H265NALType(of: nalUnit) {
            case .randomAccessSlice(let type):
                self = type == H265NALType.craType ? .openGroup : .instantaneous
                return
            case .prefixSEI:
                recoveryPictureCount = recoveryPictureCount ?? SEIMessage.h265RecoveryPictureCount(in: nalUnit)
            case .trailingSlice, .leadingSlice:
                guard let recoveryPictureCount, recoveryPictureCount > 0 else { return nil }
                self = .gradual(frameCount: recoveryPictureCount)
                return
            case .vps, .sps, .pps, .accessUnitDelimiter, .endOfSequence, .endOfBitstream, .fillerData, .other, nil:
                break
            }
        }
        return nil
    }
}
