extension H265ParameterSets {
    /// The `HEVCDecoderConfigurationRecord` (ISO/IEC 14496-15 §8.3.3.1), the content of an `hvcC` box, with NAL unit
    /// lengths of four bytes. nil when a set can't be written, or the SPS not be read.
    public var hevcDecoderConfigurationRecord: [UInt8]? {
        guard nalUnits.allSatisfy({ $0.count <= Self.maxParameterSetSize }), additionalPPS.count < Self.maxPPSCount,
            let parsed = try? H265SPS(sps[...])
        else { return nil }
        var record: [UInt8] = [1]
        record.append(contentsOf: parsed.profileTierLevel.bytes)
        // Behind reserved ones: min_spatial_segmentation_idc 0 and parallelismType 0, which promise nothing.
        record.append(contentsOf: [0xF0, 0x00, 0xFC])
        record.append(0xFC | parsed.chromaFormatIDC)
        record.append(0xF8 | (parsed.bitDepthLuma - 8))
        record.append(0xF8 | (parsed.bitDepthChroma - 8))
        // avgFrameRate 0 and constantFrameRate 0: not said. lengthSizeMinusOne 3.
        record.append(contentsOf: [0, 0])
        record.append((parsed.maxSubLayersMinus1 + 1) << 3 | (parsed.isTemporalIDNested ? 4 : 0) | 3)
        let arrays: [(type: UInt8, sets: [[UInt8]])] = [(32, [vps]), (33, [sps]), (34, [pps] + additionalPPS)]
        record.append(UInt8(truncatingIfNeeded: arrays.count))
        for (type, sets) in arrays {
            // array_completeness, which `hvc1` asks for: none of them is in the stream (§8.4.1.1.1).
            record.append(0x80 | type)
            record.appendBigEndian(UInt16(truncatingIfNeeded: sets.count))
            for set in sets {
                record.appendBigEndian(UInt16(truncatingIfNeeded: set.count))
                record.append(contentsOf: set)
            }
        }
        return record
    }

    /// Reads an `HEVCDecoderConfigurationRecord`, as libav's extradata holds it.
    ///
    /// - Returns: nil when it is malformed or lacks one of the three kinds.
    public init?(hevcDecoderConfigurationRecord record: some Collection<UInt8>) {
        guard record.count <= 1 << 20 else { return nil }
        var reader = ByteReader([UInt8](record)[...])
        guard reader.readUInt8() == 1, reader.skip(21), let arrayCount = reader.readUInt8() else { return nil }
        var nalUnits: [ArraySlice<UInt8>] = []
        for _ in 0..<arrayCount {
            guard reader.skip(1), let count = reader.readUInt16() else { return nil }
            for _ in 0..<count {
                guard let length = reader.readUInt16(), let set = reader.readBytes(Int(length)) else { return nil }
                nalUnits.append(set)
            }
        }
        self.init(nalUnits: nalUnits)
    }
}
