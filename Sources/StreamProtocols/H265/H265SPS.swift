/// What a sequence parameter set says about the pictures (ITU-T H.265 §7.3.2.2, annex E).
public struct H265SPS: Sendable, Equatable {
    public internal(set) var profileTierLevel: H265ProfileTierLevel
    /// 0…6
    public internal(set) var maxSubLayersMinus1: UInt8
    public internal(set) var isTemporalIDNested: Bool
    public internal(set) var id: UInt32 = 0
    /// 0 monochrome, 1 is 4:2:0, 2 is 4:2:2, 3 is 4:4:4.
    public internal(set) var chromaFormatIDC: UInt8 = 1
    public internal(set) var bitDepthLuma: UInt8 = 8
    public internal(set) var bitDepthChroma: UInt8 = 8
    /// The width of the shown picture in pixels: the conformance window.
    public internal(set) var width = 0
    /// The height of the shown picture in pixels: the conformance window.
    public internal(set) var height = 0
    /// `sps_max_num_reorder_pics` of all sub-layers: how many pictures can come before one that is shown earlier.
    public internal(set) var maxNumReorderPics: UInt32 = 0
    /// Whether each picture is one field (`field_seq_flag`).
    public internal(set) var isFieldSequence = false
    /// Pictures in a second by the usability information; nil when not said. Rates outside 0…1000 are left out.
    public internal(set) var pictureRate: Double?
}
