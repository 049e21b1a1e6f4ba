extension H265SPS {
    /// More bytes than a sequence parameter set can use.
    private static let byteCountLimit = 8192
    /// Twice the largest side of level 6.2.
    private static let maxDimension: UInt32 = 16_888

    /// Reads a NAL unit of type 33, without start code.
    public init(_ nalUnit: ArraySlice<UInt8>) throws(BitstreamError) {
        guard let type = H265NALType(of: nalUnit), let header = nalUnit.first else { throw .truncated }
        guard type == .sps else { throw .unexpectedType(header >> 1 & 0x3F) }
        var reader = NALUnitBitReader(
            nalUnit: nalUnit, headerByteCount: H265NALType.headerByteCount, byteCountLimit: Self.byteCountLimit)
        try reader.skipBits(4)  // sps_video_parameter_set_id
        let maxSubLayersMinus1 = try reader.readBits(3)
        guard maxSubLayersMinus1 <= 6 else { throw .outOfRange("sps_max_sub_layers_minus1") }
        self.maxSubLayersMinus1 = UInt8(maxSubLayersMinus1)
        isTemporalIDNested = try reader.readBit()
        profileTierLevel = try H265ProfileTierLevel(&reader, maxSubLayersMinus1: Int(maxSubLayersMinus1))
        id = try reader.readUE("sps_seq_parameter_set_id", upTo: 15)
        try readGeometry(&reader)
        let log2MaxPictureOrderCountLSB = Int(try reader.readUE("log2_max_pic_order_cnt_lsb_minus4", upTo: 12)) + 4
        try readOrder(&reader)
        // The picture's size and order are worth more than a refusal because of what follows.
        try? readVUI(&reader, log2MaxPictureOrderCountLSB: log2MaxPictureOrderCountLSB)
    }

    private mutating func readGeometry(_ reader: inout NALUnitBitReader) throws(BitstreamError) {
        chromaFormatIDC = UInt8(try reader.readUE("chroma_format_idc", upTo: 3))
        let hasSeparateColourPlanes = chromaFormatIDC == 3 ? try reader.readBit() : false
        let codedWidth = Int(try reader.readUE("pic_width_in_luma_samples", upTo: Self.maxDimension))
        let codedHeight = Int(try reader.readUE("pic_height_in_luma_samples", upTo: Self.maxDimension))
        var cropX = 0
        var cropY = 0
        if try reader.readBit() {  // conformance_window_flag
            // Table 6-1: the unit is a chroma sample; without chroma planes it is a pixel.
            let chromaArrayType = hasSeparateColourPlanes ? 0 : chromaFormatIDC
            let unitX = chromaArrayType == 1 || chromaArrayType == 2 ? 2 : 1
            let unitY = chromaArrayType == 1 ? 2 : 1
            for _ in 0..<2 { cropX += unitX * Int(try reader.readUE("conf_win_offset", upTo: Self.maxDimension)) }
            for _ in 0..<2 { cropY += unitY * Int(try reader.readUE("conf_win_offset", upTo: Self.maxDimension)) }
        }
        guard cropX < codedWidth, cropY < codedHeight else { throw .outOfRange("conf_win_offset") }
        width = codedWidth - cropX
        height = codedHeight - cropY
        bitDepthLuma = UInt8(try reader.readUE("bit_depth_luma_minus8", upTo: 8)) + 8
        bitDepthChroma = UInt8(try reader.readUE("bit_depth_chroma_minus8", upTo: 8)) + 8
    }

    private mutating func readOrder(_ reader: inout NALUnitBitReader) throws(BitstreamError) {
        // sps_sub_layer_ordering_info_present_flag; without it only the highest sub-layer's, which counts, is there.
        let count = try reader.readBit() ? Int(maxSubLayersMinus1) + 1 : 1
        for _ in 0..<count {
            _ = try reader.readUE("sps_max_dec_pic_buffering_minus1", upTo: 15)
            maxNumReorderPics = try reader.readUE("sps_max_num_reorder_pics", upTo: 15)
            _ = try reader.readUE()  // sps_max_latency_increase_plus1
        }
    }

    /// Skips to the usability information, and reads what it says about time.
    private mutating func readVUI(
        _ reader: inout NALUnitBitReader, log2MaxPictureOrderCountLSB: Int
    ) throws(BitstreamError) {
        for _ in 0..<6 { _ = try reader.readUE() }  // sizes of coding and transform blocks, depths of hierarchies
        // scaling_list_enabled_flag, sps_scaling_list_data_present_flag
        if try reader.readBit(), try reader.readBit() { try Self.skipScalingLists(&reader) }
        try reader.skipBits(2)  // amp_enabled_flag, sample_adaptive_offset_enabled_flag
        if try reader.readBit() {  // pcm_enabled_flag
            try reader.skipBits(8)
            _ = try reader.readUE()
            _ = try reader.readUE()
            try reader.skipBits(1)
        }
        try Self.skipShortTermReferencePictureSets(&reader)
        if try reader.readBit() {  // long_term_ref_pics_present_flag
            let count = try reader.readUE("num_long_term_ref_pics_sps", upTo: 32)
            try reader.skipBits(Int(count) * (log2MaxPictureOrderCountLSB + 1))
        }
        try reader.skipBits(2)  // sps_temporal_mvp_enabled_flag, strong_intra_smoothing_enabled_flag
        guard try reader.readBit() else { return }  // vui_parameters_present_flag

        // §E.2.1
        if try reader.readBit() {  // aspect_ratio_info_present_flag
            let extendedSAR: UInt32 = 255
            if try reader.readBits(8) == extendedSAR { try reader.skipBits(32) }
        }
        if try reader.readBit() { try reader.skipBits(1) }  // overscan
        if try reader.readBit() {  // video_signal_type_present_flag
            try reader.skipBits(4)
            if try reader.readBit() { try reader.skipBits(24) }  // colour_description
        }
        if try reader.readBit() {  // chroma_loc_info_present_flag
            _ = try reader.readUE()
            _ = try reader.readUE()
        }
        try reader.skipBits(1)  // neutral_chroma_indication_flag
        isFieldSequence = try reader.readBit()
        try reader.skipBits(1)  // frame_field_info_present_flag
        if try reader.readBit() {  // default_display_window_flag
            for _ in 0..<4 { _ = try reader.readUE() }
        }
        guard try reader.readBit() else { return }  // vui_timing_info_present_flag
        let numUnitsInTick = try reader.readBits(32)
        let timeScale = try reader.readBits(32)
        guard numUnitsInTick > 0 else { return }
        // Unlike H.264's, a tick is a whole picture (§E.3.1).
        let rate = Double(timeScale) / Double(numUnitsInTick)
        pictureRate = rate > 0 && rate <= 1000 ? rate : nil
    }

    /// §7.3.4
    private static func skipScalingLists(_ reader: inout NALUnitBitReader) throws(BitstreamError) {
        for sizeID in 0..<4 {
            for _ in stride(from: 0, to: 6, by: sizeID == 3 ? 3 : 1) {
                guard try reader.readBit() else {  // scaling_list_pred_mode_flag
                    _ = try reader.readUE()
                    continue
                }
                if sizeID > 1 { _ = try reader.readSE() }
                for _ in 0..<min(64, 1 << (4 + sizeID << 1)) { _ = try reader.readSE() }
            }
        }
    }

    /// §7.3.7, §7.4.8: sets in the sequence parameter set, each possibly predicted from the one before. How much the next
    /// one holds depends on the differences of picture order (`DeltaPocS0`, `DeltaPocS1`) in this one.
    private static func skipShortTermReferencePictureSets(_ reader: inout NALUnitBitReader) throws(BitstreamError) {
        let setCount = try reader.readUE("num_short_term_ref_pic_sets", upTo: 64)
        var deltas: [Int64] = []
        for index in 0..<setCount {
            if index > 0, try reader.readBit() {  // inter_ref_pic_set_prediction_flag
                let isNegative = try reader.readBit()
                let distance = Int64(try reader.readUE("abs_delta_rps_minus1", upTo: 32_767)) + 1
                let step = isNegative ? -distance : distance
                var predicted: [Int64] = []
                for reference in deltas + [0] {
                    // used_by_curr_pic_flag; without it use_delta_flag
                    let isUsed = try reader.readBit()
                    let isKept = isUsed ? true : try reader.readBit()
                    if isKept, reference + step != 0 { predicted.append(reference + step) }
                }
                deltas = predicted.filter { $0 < 0 }.sorted(by: >) + predicted.filter { $0 > 0 }.sorted()
                guard deltas.count <= 16 else { throw .outOfRange("delta_rps") }
            } else {
                let negativeCount = try reader.readUE("num_negative_pics", upTo: 16)
                let positiveCount = try reader.readUE("num_positive_pics", upTo: 16 - negativeCount)
                deltas = []
                for (count, sign) in [(negativeCount, Int64(-1)), (positiveCount, 1)] {
                    var delta: Int64 = 0
                    for _ in 0..<count {
                        delta += sign * (Int64(try reader.readUE("delta_poc_minus1", upTo: 32_767)) + 1)
                        try reader.skipBits(1)  // used_by_curr_pic_flag
                        deltas.append(delta)
                    }
                }
            }
        }
    }
}
