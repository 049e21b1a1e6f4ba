extension H264SPS {
    /// More bytes than a sequence parameter set can use.
    private static let byteCountLimit = 4096
    /// Macroblocks in a row or column: 16 384 pixels, four times the largest picture of level 6.2 in one direction.
    private static let maxDimensionInMBs: UInt32 = 1024
    private static let extendedSARIndicator: UInt32 = 255

    /// Reads a NAL unit of type 7, without start code.
    public init(_ nalUnit: ArraySlice<UInt8>) throws(BitstreamError) {
        guard let header = nalUnit.first else { throw .truncated }
        guard H264NALType(rawValue: header) == .sps else { throw .unexpectedType(header & 0x1F) }
        var reader = NALUnitBitReader(nalUnit: nalUnit, headerByteCount: 1, byteCountLimit: Self.byteCountLimit)
        profileIDC = UInt8(try reader.readBits(8))
        constraintFlags = UInt8(try reader.readBits(8))
        levelIDC = UInt8(try reader.readBits(8))
        id = try reader.readUE()
        guard id <= 31 else { throw .outOfRange("seq_parameter_set_id") }
        if [100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135].contains(profileIDC) {
            try readHighProfileFields(&reader)
        }
        try readOrderFields(&reader)
        try readGeometry(&reader)
        // Some cameras cut the usability information short; the picture's size is worth more than a refusal.
        if (try? reader.readBit()) == true { try? readVUI(&reader) }
    }

    /// Reads an array that holds nothing else.
    public init(_ nalUnit: [UInt8]) throws(BitstreamError) {
        try self.init(nalUnit[...])
    }

    private mutating func readHighProfileFields(_ reader: inout NALUnitBitReader) throws(BitstreamError) {
        let format = try reader.readUE()
        guard format <= 3 else { throw .outOfRange("chroma_format_idc") }
        chromaFormatIDC = UInt8(format)
        if format == 3 { hasSeparateColourPlanes = try reader.readBit() }
        let luma = try reader.readUE()
        let chroma = try reader.readUE()
        guard luma <= 6, chroma <= 6 else { throw .outOfRange("bit_depth_minus8") }
        bitDepthLuma = UInt8(luma + 8)
        bitDepthChroma = UInt8(chroma + 8)
        try reader.skipBits(1)  // qpprime_y_zero_transform_bypass_flag
        guard try reader.readBit() else { return }  // seq_scaling_matrix_present_flag
        for list in 0..<(format == 3 ? 12 : 8) where try reader.readBit() {
            try Self.skipScalingList(&reader, size: list < 6 ? 16 : 64)
        }
    }

    /// §7.3.2.1.1.1
    private static func skipScalingList(_ reader: inout NALUnitBitReader, size: Int) throws(BitstreamError) {
        var lastScale: Int64 = 8
        var nextScale: Int64 = 8
        for _ in 0..<size {
            if nextScale != 0 {
                let delta = try reader.readSE()
                guard (-128...127).contains(delta) else { throw .outOfRange("delta_scale") }
                nextScale = (lastScale + delta + 256) % 256
            }
            if nextScale != 0 { lastScale = nextScale }
        }
    }

    private mutating func readOrderFields(_ reader: inout NALUnitBitReader) throws(BitstreamError) {
        log2MaxFrameNum = try Self.readLog2(&reader, "log2_max_frame_num_minus4")
        pictureOrderCountType = try reader.readUE()
        switch pictureOrderCountType {
        case 0:
            log2MaxPictureOrderCountLSB = try Self.readLog2(&reader, "log2_max_pic_order_cnt_lsb_minus4")
        case 1:
            try reader.skipBits(1)  // delta_pic_order_always_zero_flag
            _ = try reader.readSE()  // offset_for_non_ref_pic
            _ = try reader.readSE()  // offset_for_top_to_bottom_field
            let count = try reader.readUE()
            guard count <= 255 else { throw .outOfRange("num_ref_frames_in_pic_order_cnt_cycle") }
            for _ in 0..<count { _ = try reader.readSE() }  // offset_for_ref_frame
        case 2: break
        default: throw .outOfRange("pic_order_cnt_type")
        }
        maxNumReferenceFrames = try reader.readUE()
        try reader.skipBits(1)  // gaps_in_frame_num_value_allowed_flag
    }

    private static func readLog2(_ reader: inout NALUnitBitReader, _ field: String) throws(BitstreamError) -> Int {
        let value = try reader.readUE()
        guard value <= 12 else { throw .outOfRange(field) }
        return Int(value) + 4
    }

    private mutating func readGeometry(_ reader: inout NALUnitBitReader) throws(BitstreamError) {
        let widthMinus1 = try reader.readUE()
        let heightMinus1 = try reader.readUE()
        guard widthMinus1 < Self.maxDimensionInMBs else { throw .outOfRange("pic_width_in_mbs_minus1") }
        guard heightMinus1 < Self.maxDimensionInMBs else { throw .outOfRange("pic_height_in_map_units_minus1") }
        isFrameMBsOnly = try reader.readBit()
        if !isFrameMBsOnly { try reader.skipBits(1) }  // mb_adaptive_frame_field_flag
        try reader.skipBits(1)  // direct_8x8_inference_flag
        let fieldFactor = isFrameMBsOnly ? 1 : 2
        widthInMBs = Int(widthMinus1) + 1
        frameHeightInMBs = fieldFactor * (Int(heightMinus1) + 1)
        width = widthInMBs * 16
        height = frameHeightInMBs * 16
        guard try reader.readBit() else { return }  // frame_cropping_flag

        let left = Int(try reader.readUE())
        let right = Int(try reader.readUE())
        let top = Int(try reader.readUE())
        let bottom = Int(try reader.readUE())
        // Formulas 7-19…7-22: the unit of cropping is a chroma sample; without chroma planes it is a pixel.
        let chromaArrayType = hasSeparateColourPlanes ? 0 : chromaFormatIDC
        let unitX = chromaArrayType == 1 || chromaArrayType == 2 ? 2 : 1
        let unitY = (chromaArrayType == 1 ? 2 : 1) * fieldFactor
        let cropX = (left + right) * unitX
        let cropY = (top + bottom) * unitY
        guard cropX < width, cropY < height else { throw .outOfRange("frame_crop_offset") }
        width -= cropX
        height -= cropY
    }

    /// §E.1.1
    private mutating func readVUI(_ reader: inout NALUnitBitReader) throws(BitstreamError) {
        if try reader.readBit() {  // aspect_ratio_info_present_flag
            let indicator = try reader.readBits(8)
            if indicator == Self.extendedSARIndicator {
                let sarWidth = try reader.readBits(16)
                let sarHeight = try reader.readBits(16)
                if sarWidth > 0, sarHeight > 0 { sampleAspectRatio = Double(sarWidth) / Double(sarHeight) }
            } else {
                sampleAspectRatio = Self.sampleAspectRatio(indicator: indicator)
            }
        }
        if try reader.readBit() { try reader.skipBits(1) }  // overscan
        if try reader.readBit() {  // video_signal_type_present_flag
            try reader.skipBits(4)  // video_format, video_full_range_flag
            if try reader.readBit() { try reader.skipBits(24) }  // colour_description
        }
        if try reader.readBit() {  // chroma_loc_info_present_flag
            _ = try reader.readUE()
            _ = try reader.readUE()
        }
        if try reader.readBit() {  // timing_info_present_flag
            let tick = try reader.readBits(32)
            let scale = try reader.readBits(32)
            let isFixed = try reader.readBit()
            if tick > 0, scale > 0 {
                timing = Timing(numUnitsInTick: tick, timeScale: scale, hasFixedFrameRate: isFixed)
            }
        }
        let hasNALHRD = try reader.readBit()
        if hasNALHRD { try Self.skipHRD(&reader) }
        let hasVCLHRD = try reader.readBit()
        if hasVCLHRD { try Self.skipHRD(&reader) }
        if hasNALHRD || hasVCLHRD { try reader.skipBits(1) }  // low_delay_hrd_flag
        try reader.skipBits(1)  // pic_struct_present_flag
        guard try reader.readBit() else { return }  // bitstream_restriction_flag
        try reader.skipBits(1)  // motion_vectors_over_pic_boundaries_flag
        for _ in 0..<4 { _ = try reader.readUE() }  // bytes, bits and motion vector limits
        let reorder = try reader.readUE()
        // §E.2.1: not more than MaxDpbFrames, which is 16 at most.
        guard reorder <= 16 else { throw .outOfRange("max_num_reorder_frames") }
        maxNumReorderFrames = reorder
    }

    /// §E.1.2
    private static func skipHRD(_ reader: inout NALUnitBitReader) throws(BitstreamError) {
        let countMinus1 = try reader.readUE()
        guard countMinus1 <= 31 else { throw .outOfRange("cpb_cnt_minus1") }
        try reader.skipBits(8)  // bit_rate_scale, cpb_size_scale
        for _ in 0...countMinus1 {
            _ = try reader.readUE()
            _ = try reader.readUE()
            try reader.skipBits(1)
        }
        try reader.skipBits(20)  // lengths of delays and of time_offset
    }

    /// Table E-1.
    private static func sampleAspectRatio(indicator: UInt32) -> Double? {
        switch indicator {
        case 1: 1
        case 2: 12.0 / 11
        case 3: 10.0 / 11
        case 4: 16.0 / 11
        case 5: 40.0 / 33
        case 6: 24.0 / 11
        case 7: 20.0 / 11
        case 8: 32.0 / 11
        case 9: 80.0 / 33
        case 10: 18.0 / 11
        case 11: 15.0 / 11
        case 12: 64.0 / 33
        case 13: 160.0 / 99
        case 14: 4.0 / 3
        case 15: 3.0 / 2
        case 16: 2
        default: nil
        }
    }
}
