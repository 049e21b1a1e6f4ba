extension FMP4SampleEntry {
    /// `avc1` with `avcC`: H.264 whose parameter sets are in the sample entry (ISO/IEC 14496-15 §5.4.2).
    ///
    /// - Parameters:
    ///   - decoderConfigurationRecord: an AVCDecoderConfigurationRecord (ISO/IEC 14496-15 §5.3.3.1) with NAL unit
    ///     lengths of four bytes.
    public static func avc1(width: UInt16, height: UInt16, decoderConfigurationRecord: [UInt8]) -> FMP4SampleEntry {
        visual("avc1", "avcC", width: width, height: height, decoderConfigurationRecord: decoderConfigurationRecord)
    }

    /// `hvc1` with `hvcC`: H.265 whose parameter sets are in the sample entry (ISO/IEC 14496-15 §8.4.1).
    ///
    /// - Parameters:
    ///   - decoderConfigurationRecord: an HEVCDecoderConfigurationRecord (ISO/IEC 14496-15 §8.3.3.1) with NAL unit
    ///     lengths of four bytes.
    public static func hvc1(width: UInt16, height: UInt16, decoderConfigurationRecord: [UInt8]) -> FMP4SampleEntry {
        visual("hvc1", "hvcC", width: width, height: height, decoderConfigurationRecord: decoderConfigurationRecord)
    }

    /// A VisualSampleEntry (ISO/IEC 14496-12 §12.1.3.2).
    private static func visual(
        _ type: FourCharacterCode, _ configurationType: FourCharacterCode, width: UInt16, height: UInt16,
        decoderConfigurationRecord: [UInt8]
    ) -> FMP4SampleEntry {
        var writer = ISOBoxWriter()
        writer.box(type) { entry in
            entry.appendZeros(6)
            entry.append(UInt16(1))  // data_reference_index
            entry.appendZeros(16)  // pre_defined and reserved
            entry.append(width)
            entry.append(height)
            entry.append(UInt32(0x0048_0000))  // 72 dpi
            entry.append(UInt32(0x0048_0000))
            entry.append(UInt32(0))
            entry.append(UInt16(1))  // frame_count
            entry.appendZeros(32)  // compressorname
            entry.append(UInt16(0x0018))  // depth
            entry.append(UInt16(0xFFFF))  // pre_defined = -1
            entry.box(configurationType) { $0.append(decoderConfigurationRecord) }
        }
        return FMP4SampleEntry(
            type: type, medium: .video(width: width, height: height), box: writer.bytes)
    }
}
