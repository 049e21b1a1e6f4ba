/// The beginning of a slice header (ITU-T H.264 §7.3.3).
public struct H264SliceHeader: Sendable, Equatable {
    /// What a slice may predict from (table 7-6).
    public enum SliceType: UInt8, Sendable {
        case p, b, i, sp, si
    }

    /// The first macroblock; 0 in the first slice of a picture.
    public var firstMBInSlice: UInt32
    public var sliceType: SliceType
    public var pictureParameterSetID: UInt32
    /// `pic_order_cnt_lsb`: read only when the SPS is given and its pictures are counted so (type 0).
    public var pictureOrderCountLSB: UInt32?

    /// The header's fields end within this many bytes.
    private static let byteCountLimit = 64

    /// Reads a NAL unit of type 1, 2 or 5, without start code.
    ///
    /// - Parameter sps: the active SPS, to read further than the slice type.
    public init(_ nalUnit: ArraySlice<UInt8>, sps: H264SPS? = nil) throws(BitstreamError) {
        guard let header = nalUnit.first else { throw .truncated }
        let type = H264NALType(rawValue: header)
        guard type.hasSliceHeader else { throw .unexpectedType(header & 0x1F) }
        var reader = NALUnitBitReader(nalUnit: nalUnit, headerByteCount: 1, byteCountLimit: Self.byteCountLimit)
        firstMBInSlice = try reader.readUE()
        let code = try reader.readUE()
        // Table 7-6: 5…9 mean the same as 0…4, and that all slices of the picture are alike.
        guard code <= 9, let sliceType = SliceType(rawValue: UInt8(code % 5)) else { throw .outOfRange("slice_type") }
        self.sliceType = sliceType
        pictureParameterSetID = try reader.readUE()
        guard pictureParameterSetID <= 255 else { throw .outOfRange("pic_parameter_set_id") }

        guard let sps, sps.pictureOrderCountType == 0 else { return }
        if sps.hasSeparateColourPlanes { try reader.skipBits(2) }
        try reader.skipBits(sps.log2MaxFrameNum)
        if !sps.isFrameMBsOnly, try reader.readBit() { try reader.skipBits(1) }  // field_pic_flag, bottom_field_flag
        if type == .idrSlice { _ = try reader.readUE() }  // idr_pic_id
        pictureOrderCountLSB = try reader.readBits(sps.log2MaxPictureOrderCountLSB)
    }

    /// The type of a slice; nil when the NAL unit is not a slice or is damaged. A stream has B-frames when one is `b`.
    public static func sliceType(of nalUnit: ArraySlice<UInt8>) -> SliceType? {
        (try? H264SliceHeader(nalUnit))?.sliceType
    }
}
