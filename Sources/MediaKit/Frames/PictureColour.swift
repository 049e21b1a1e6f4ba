internal import CLibAV

/// How the luma and chroma of a picture become colours. Pictures keep what their camera gave them, and the encoder tells it
/// to the viewers: converting would take each pixel through red, green and blue, which costs more than the scaling itself.
public struct PictureColour: Sendable, Hashable {
    public let matrix: ColourMatrix
    /// Whether luma goes from 0 to 255 rather than from 16 to 235.
    public let isFullRange: Bool

    public static let bt709 = PictureColour(matrix: .bt709, isFullRange: false)

    /// - Parameter matrix: `.unspecified` becomes BT.709, which cameras above SD use.
    public init(matrix: ColourMatrix, isFullRange: Bool) {
        self.matrix = matrix == .unspecified ? .bt709 : matrix
        self.isFullRange = isFullRange
    }
}

extension PictureColour {
    var range: AVColorRange { isFullRange ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG }

    var colorspace: AVColorSpace {
        switch matrix {
        case .bt709, .unspecified: AVCOL_SPC_BT709
        case .bt601: AVCOL_SPC_SMPTE170M
        case .fcc: AVCOL_SPC_FCC
        case .smpte240M: AVCOL_SPC_SMPTE240M
        case .bt2020: AVCOL_SPC_BT2020_NCL
        }
    }

    /// Only one matrix says which primaries it is used with: BT.601 is used with those of 525 and of 625 lines, and cameras
    /// that name it often mean sRGB.
    var primaries: AVColorPrimaries { matrix == .bt709 ? AVCOL_PRI_BT709 : AVCOL_PRI_UNSPECIFIED }

    var transfer: AVColorTransferCharacteristic { matrix == .bt709 ? AVCOL_TRC_BT709 : AVCOL_TRC_UNSPECIFIED }

    func tag(_ frame: UnsafeMutablePointer<AVFrame>) {
        unsafe frame.pointee.color_range = range
        unsafe frame.pointee.colorspace = colorspace
        unsafe frame.pointee.color_primaries = primaries
        unsafe frame.pointee.color_trc = transfer
    }
}

extension VideoFrame {
    /// What the picture has as yuv420p: its own, unless it is made of red, green and blue.
    public var colour: PictureColour {
        format.isRGB ? .bt709 : PictureColour(matrix: signal.matrix, isFullRange: signal.isFullRange)
    }
}

extension AVPixelFormat {
    /// Whether the samples are red, green and blue, or name such in a palette.
    var isRGB: Bool {
        guard let descriptor = unsafe av_pix_fmt_desc_get(self)?.pointee else { return false }
        return unsafe descriptor.flags & UInt64(AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL) != 0
    }
}
