extension H264ParameterSets {
    /// The `AVCDecoderConfigurationRecord` (ISO/IEC 14496-15 §5.3.3.1), the content of an `avcC` box, with NAL unit
    /// lengths of four bytes. nil when a set is too short or too long to be written.
    public var avcDecoderConfigurationRecord: [UInt8]? {
        guard sps.count >= 4, nalUnits.allSatisfy({ $0.count <= Self.maxParameterSetSize }),
            additionalPPS.count < Self.maxPPSCount
        else { return nil }
        var record: [UInt8] = [1]
        record.append(contentsOf: sps.dropFirst().prefix(3))
        // Six reserved bits and lengthSizeMinusOne = 3; three reserved bits and one SPS.
        record.append(contentsOf: [0xFF, 0xE1])
        record.appendBigEndian(UInt16(truncatingIfNeeded: sps.count))
        record.append(contentsOf: sps)
        record.append(UInt8(truncatingIfNeeded: 1 + additionalPPS.count))
        for set in [pps] + additionalPPS {
            record.appendBigEndian(UInt16(truncatingIfNeeded: set.count))
            record.append(contentsOf: set)
        }
        // The High profiles (not 66, 77, 88) have an extension, which repeats what the SPS says.
        if let profile = sps.dropFirst().first, ![66, 77, 88].contains(profile), let parsed = try? H264SPS(sps) {
            record.append(0xFC | parsed.chromaFormatIDC)
            record.append(0xF8 | (parsed.bitDepthLuma - 8))
            record.append(0xF8 | (parsed.bitDepthChroma - 8))
            record.append(0)
        }
        return record
    }

    /// Reads an `AVCDecoderConfigurationRecord`, as libav's extradata holds it.
    ///
    /// - Returns: nil when it is malformed or holds no SPS or no PPS.
    public init?(avcDecoderConfigurationRecord record: some Collection<UInt8>) {
        guard record.count <= 1 << 20 else { return nil }
        var reader = ByteReader([UInt8](record)[...])
        guard reader.readUInt8() == 1, reader.skip(4), let spsCount = reader.readUInt8() else { return nil }
        var nalUnits: [ArraySlice<UInt8>] = []
        func readSets(_ count: UInt8) -> Bool {
            for _ in 0..<count {
                guard let length = reader.readUInt16(), let set = reader.readBytes(Int(length)) else { return false }
                nalUnits.append(set)
            }
            return true
        }
        guard readSets(spsCount & 0x1F), let ppsCount = reader.readUInt8(), readSets(ppsCount) else { return nil }
        self.init(nalUnits: nalUnits)
    }
}
