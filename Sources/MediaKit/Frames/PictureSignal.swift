internal import CLibAV

/// The shape of one sample of a picture, width to height (ITU-T H.264 §E.2.1, `sar_width` and `sar_height`).
public struct SampleAspectRatio: Sendable, Hashable {
    public let width: Int
    public let height: Int

    public static let square = SampleAspectRatio(width: 1, height: 1)

    /// More than four to one is a mistake of whoever wrote it, not a shape of samples.
    private static let maximum = 4

    /// What makes no sense, as 0:0 for "unspecified", counts as square.
    public init(width: Int, height: Int) {
        let isPlausible =
            width > 0 && height > 0 && width <= 1 << 16 && height <= 1 << 16
            && width <= height * Self.maximum && height <= width * Self.maximum
        self.width = isPlausible ? width : 1
        self.height = isPlausible ? height : 1
    }
}

/// The matrix by which red, green and blue became luma and chroma (ITU-T H.273 §8.3, `MatrixCoefficients`).
public enum ColourMatrix: Sendable, Hashable {
    case bt709
    /// BT.601, of 625 or 525 lines.
    case bt601
    case fcc
    case smpte240M
    case bt2020
    /// The source does not say.
    case unspecified
}

/// How the samples of a picture are to be understood, as whoever made them says.
public struct PictureSignal: Sendable, Hashable {
    public var sampleAspectRatio: SampleAspectRatio
    /// Whether the lines belong to two fields that were captured one after the other, in turn.
    public var isInterlaced: Bool
    public var matrix: ColourMatrix
    /// Whether luma goes from 0 to 255 rather than from 16 to 235.
    public var isFullRange: Bool

    init(of frame: AVFrame, format: AVPixelFormat) {
        sampleAspectRatio = unsafe SampleAspectRatio(
            width: Int(frame.sample_aspect_ratio.num), height: Int(frame.sample_aspect_ratio.den))
        isInterlaced = unsafe frame.interlaced_frame != 0
        matrix = unsafe ColourMatrix(frame.colorspace)
        isFullRange = unsafe format.withoutImpliedRange != format || frame.color_range == AVCOL_RANGE_JPEG
    }
}

extension ColourMatrix {
    fileprivate init(_ colorspace: AVColorSpace) {
        switch colorspace {
        case AVCOL_SPC_BT709: self = .bt709
        case AVCOL_SPC_BT470BG, AVCOL_SPC_SMPTE170M: self = .bt601
        case AVCOL_SPC_FCC: self = .fcc
        case AVCOL_SPC_SMPTE240M: self = .smpte240M
        case AVCOL_SPC_BT2020_NCL, AVCOL_SPC_BT2020_CL: self = .bt2020
        default: self = .unspecified
        }
    }
}
