/// What a sequence parameter set says about the pictures (ITU-T H.264 §7.3.2.1, annex E).
public struct H264SPS: Sendable, Equatable {
    /// The clock of the video usability information (annex E.2.1): a frame is two ticks.
    public struct Timing: Sendable, Equatable {
        public var numUnitsInTick: UInt32
        public var timeScale: UInt32
        public var hasFixedFrameRate: Bool

        /// Frames in a second.
        public var frameRate: Double { Double(timeScale) / (2 * Double(numUnitsInTick)) }
    }

    public internal(set) var profileIDC: UInt8
    /// The byte of constraint_set0_flag (highest bit) to constraint_set5_flag.
    public internal(set) var constraintFlags: UInt8
    public internal(set) var levelIDC: UInt8
    public internal(set) var id: UInt32
    /// 0 monochrome, 1 is 4:2:0, 2 is 4:2:2, 3 is 4:4:4.
    public internal(set) var chromaFormatIDC: UInt8 = 1
    public internal(set) var bitDepthLuma: UInt8 = 8
    public internal(set) var bitDepthChroma: UInt8 = 8
    /// The width of the shown picture in pixels: cropping is taken off.
    public internal(set) var width = 0
    /// The height of the shown picture in pixels: cropping is taken off.
    public internal(set) var height = 0
    public internal(set) var isFrameMBsOnly = true
    /// Width divided by height of a pixel; nil when not said.
    public internal(set) var sampleAspectRatio: Double?
    /// nil when not said, or when it says nothing useful (a tick of 0).
    public internal(set) var timing: Timing?
    public internal(set) var maxNumReferenceFrames: UInt32 = 0
    /// `max_num_reorder_frames` of the usability information; nil when not said.
    public internal(set) var maxNumReorderFrames: UInt32?
    public internal(set) var pictureOrderCountType: UInt32 = 0

    var hasSeparateColourPlanes = false
    var log2MaxFrameNum: Int = 4
    var log2MaxPictureOrderCountLSB: Int = 4
    var widthInMBs = 0
    var frameHeightInMBs = 0

    /// Frames in a second by the usability information; nil when not said. Cameras often say nothing, or nonsense:
    /// rates outside 0…1000 are left out.
    public var frameRate: Double? {
        timing.map(\.frameRate).flatMap { $0 > 0 && $0 <= 1000 ? $0 : nil }
    }

    /// How many pictures can come before one that is shown earlier: 0 means that the order of decoding is the order of
    /// showing, so there are no B-frames that matter.
    public var reorderDepth: Int {
        // §8.2.1: with type 2 the order of output is the order of decoding. Baseline (66) has no B slices (A.2.1).
        if pictureOrderCountType == 2 || profileIDC == 66 { return 0 }
        if let maxNumReorderFrames { return Int(maxNumReorderFrames) }
        // E.2.1: profiles restricted to intra pictures by constraint_set3 reorder nothing.
        if constraintFlags & 0x10 != 0, [44, 86, 100, 110, 122, 244].contains(profileIDC) { return 0 }
        return maxDPBFrames
    }

    /// MaxDpbFrames (§A.3.1): what is inferred for the reordering when the usability information says nothing.
    public var maxDPBFrames: Int {
        let macroblocks = widthInMBs * frameHeightInMBs
        guard macroblocks > 0 else { return 0 }
        return min(Self.maxDPBMacroblocks(levelIDC: levelIDC, constraintFlags: constraintFlags) / macroblocks, 16)
    }

    /// MaxDpbMbs of table A-1.
    private static func maxDPBMacroblocks(levelIDC: UInt8, constraintFlags: UInt8) -> Int {
        switch levelIDC {
        case 9, 10: 396
        // Level 1b is 11 with constraint_set3_flag.
        case 11: constraintFlags & 0x10 != 0 ? 396 : 900
        case 12, 13, 20: 2376
        case 21: 4752
        case 22, 30: 8100
        case 31: 18_000
        case 32: 20_480
        case 40, 41: 32_768
        case 42: 34_816
        case 50: 110_400
        case 51, 52: 184_320
        default: 696_320
        }
    }
}
