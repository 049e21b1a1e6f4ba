internal import CLibAV

/// Prepares and runs libswscale.
enum SwsConversion {
    struct Side {
        let width: CInt
        let height: CInt
        let format: AVPixelFormat
        let isFullRange: Bool
        /// One of libswscale's `SWS_CS_…`.
        let matrix: CInt
    }

    /// The caller frees the context with `sws_freeContext`.
    static func makeContext(source: Side, target: Side) throws(MediaError) -> OpaquePointer {
        let subject = "\(source.width)x\(source.height) to \(target.width)x\(target.height)"
        guard let context = unsafe sws_alloc_context() else { throw .outOfMemory("scale") }
        let object = unsafe UnsafeMutableRawPointer(context)
        let options: [(String, Int64)] = [
            ("srcw", Int64(source.width)), ("srch", Int64(source.height)),
            ("src_format", Int64(source.format.rawValue)), ("src_range", source.isFullRange ? 1 : 0),
            ("dstw", Int64(target.width)), ("dsth", Int64(target.height)),
            ("dst_format", Int64(target.format.rawValue)), ("dst_range", target.isFullRange ? 1 : 0),
            ("sws_flags", Int64(filter(from: source, to: target))),
        ]
        var code: CInt = 0
        for (name, value) in options where code >= 0 { code = unsafe av_opt_set_int(object, name, value, 0) }
        if code >= 0 { code = unsafe sws_init_context(context, nil, nil) }
        guard code >= 0 else {
            unsafe sws_freeContext(context)
            throw MediaError(libav: code, operation: "scale", subject: subject)
        }
        // Neutral brightness, contrast and saturation, in 16.16 fixed point. Formats without a matrix answer -1.
        unsafe sws_setColorspaceDetails(
            context, sws_getCoefficients(source.matrix), source.isFullRange ? 1 : 0,
            sws_getCoefficients(target.matrix), target.isFullRange ? 1 : 0, 0, 1 << 16, 1 << 16)
        return unsafe context
    }

    /// Bicubic luma with bilinear chroma when either side shrinks, else linear.
    ///
    /// The reference averages instead (contract B.2). Measured at 1080p to 720p and 2500 kb/s: averaging costs 0.35 dB
    /// against the bicubic filter that ffmpeg takes by default, which is more than the bars allow (P1). Bicubic luma alone
    /// gives all of it back for 0.6 ms a picture; bicubic chroma adds cost, and nothing that the measure sees.
    private static func filter(from source: Side, to target: Side) -> CInt {
        target.width < source.width || target.height < source.height ? SWS_BICUBLIN : SWS_BILINEAR
    }

    /// Converts a whole picture into `planes`, which must hold the size that `context` was made for.
    static func run(
        _ context: OpaquePointer?,
        source: AVFrame,
        planes: [UnsafeMutablePointer<UInt8>?],
        strides: [CInt]
    ) {
        let data: [UnsafePointer<UInt8>?] = unsafe [
            UnsafePointer(source.data.0), UnsafePointer(source.data.1), UnsafePointer(source.data.2),
            UnsafePointer(source.data.3),
        ]
        let lines = unsafe [source.linesize.0, source.linesize.1, source.linesize.2, source.linesize.3]
        unsafe sws_scale(context, data, lines, 0, source.height, planes, strides)
    }
}

enum SwsMatrix {
    /// The matrix that a frame names; those that name none count as BT.709, which cameras above SD use.
    static func number(of colorspace: AVColorSpace) -> CInt {
        switch colorspace {
        case AVCOL_SPC_BT470BG, AVCOL_SPC_SMPTE170M: SWS_CS_ITU601
        case AVCOL_SPC_FCC: SWS_CS_FCC
        case AVCOL_SPC_SMPTE240M: SWS_CS_SMPTE240M
        case AVCOL_SPC_BT2020_NCL, AVCOL_SPC_BT2020_CL: SWS_CS_BT2020
        default: SWS_CS_ITU709
        }
    }
}

extension AVPixelFormat {
    /// The format without the full range that the deprecated `yuvj…` names imply.
    var withoutImpliedRange: AVPixelFormat {
        switch self {
        case AV_PIX_FMT_YUVJ420P: AV_PIX_FMT_YUV420P
        case AV_PIX_FMT_YUVJ422P: AV_PIX_FMT_YUV422P
        case AV_PIX_FMT_YUVJ444P: AV_PIX_FMT_YUV444P
        case AV_PIX_FMT_YUVJ440P: AV_PIX_FMT_YUV440P
        case AV_PIX_FMT_YUVJ411P: AV_PIX_FMT_YUV411P
        default: self
        }
    }
}
