internal import CLibAV

/// Makes a JPEG still from any picture.
public struct JPEGEncoder: Sendable {
    /// libav's quantiser scale: 1 is the best, 31 the smallest.
    public let quality: Int
    /// No picture is made smaller than this.
    private static let minimumWidth = 16
    /// Wider pictures are scaled down to this, keeping their shape.
    public let maximumWidth: Int?

    /// Values outside 1…31 are clamped.
    public init(quality: Int = 4, maximumWidth: Int? = nil) {
        self.quality = min(max(quality, 1), 31)
        self.maximumWidth = maximumWidth
    }

    public func encode(_ picture: VideoFrame) throws(MediaError) -> [UInt8] {
        MediaKit.ensureRegistered()
        let frame = try picture.progressive()
        let (width, height) = size(for: frame)
        guard let target = unsafe av_frame_alloc() else { throw .outOfMemory("make JPEG") }
        var doomed: UnsafeMutablePointer<AVFrame>? = unsafe target
        defer { unsafe av_frame_free(&doomed) }
        unsafe target.pointee.width = CInt(width)
        unsafe target.pointee.height = CInt(height)
        // The encoder takes full range only under this name.
        unsafe target.pointee.format = AV_PIX_FMT_YUVJ420P.rawValue
        try unsafe check(av_frame_get_buffer(target, 0), "make JPEG")
        try unsafe convert(frame, into: target)
        return try unsafe compress(target)
    }

    private func size(for frame: VideoFrame) -> (width: Int, height: Int) {
        // Pictures of other than square samples grow to their shape.
        let shape = frame.signal.sampleAspectRatio
        let shown = (
            width: frame.width * max(shape.width, shape.height) / shape.height,
            height: frame.height * max(shape.width, shape.height) / shape.width
        )
        guard let maximumWidth, shown.width > maximumWidth else {
            return (ContainGeometry.even(shown.width), ContainGeometry.even(shown.height))
        }
        let width = ContainGeometry.even(max(maximumWidth, Self.minimumWidth))
        return (width, ContainGeometry.even(shown.height * width / shown.width))
    }

    /// JFIF pictures are full range with the matrix of BT.601 (ITU-T T.871 §7).
    private func convert(_ frame: VideoFrame, into target: UnsafeMutablePointer<AVFrame>) throws(MediaError) {
        try unsafe frame.storage.withPointer { (source) throws(MediaError) in
            let plain = frame.format.withoutImpliedRange
            let context = try unsafe SwsConversion.makeContext(
                source: SwsConversion.Side(
                    width: source.pointee.width, height: source.pointee.height, format: plain,
                    isFullRange: plain != frame.format || source.pointee.color_range == AVCOL_RANGE_JPEG,
                    matrix: SwsMatrix.number(of: source.pointee.colorspace)),
                target: SwsConversion.Side(
                    width: target.pointee.width, height: target.pointee.height, format: AV_PIX_FMT_YUV420P,
                    isFullRange: true, matrix: SWS_CS_ITU601))
            defer { unsafe sws_freeContext(context) }
            let frame = unsafe target.pointee
            unsafe SwsConversion.run(
                context, source: source.pointee, planes: [frame.data.0, frame.data.1, frame.data.2, nil],
                strides: [frame.linesize.0, frame.linesize.1, frame.linesize.2, 0])
        }
    }

    private func compress(_ frame: UnsafeMutablePointer<AVFrame>) throws(MediaError) -> [UInt8] {
        guard let encoder = unsafe avcodec_find_encoder(AV_CODEC_ID_MJPEG),
            let context = unsafe avcodec_alloc_context3(encoder)
        else {
            throw MediaError(libav: toposync_av_error_encoder_not_found, operation: "make JPEG")
        }
        var doomedContext: UnsafeMutablePointer<AVCodecContext>? = unsafe context
        defer { unsafe avcodec_free_context(&doomedContext) }
        unsafe context.pointee.width = unsafe frame.pointee.width
        unsafe context.pointee.height = unsafe frame.pointee.height
        unsafe context.pointee.pix_fmt = AV_PIX_FMT_YUVJ420P
        unsafe context.pointee.color_range = AVCOL_RANGE_JPEG
        unsafe context.pointee.time_base = AVRational(num: 1, den: 1)
        unsafe context.pointee.flags |= AV_CODEC_FLAG_QSCALE
        unsafe context.pointee.global_quality = CInt(quality) * toposync_av_qp_to_lambda
        try unsafe check(avcodec_open2(context, encoder, nil), "make JPEG")
        unsafe frame.pointee.quality = unsafe context.pointee.global_quality
        unsafe frame.pointee.pts = 0
        try unsafe check(avcodec_send_frame(context, frame), "make JPEG")
        guard let packet = unsafe av_packet_alloc() else { throw .outOfMemory("make JPEG") }
        var doomedPacket: UnsafeMutablePointer<AVPacket>? = unsafe packet
        defer { unsafe av_packet_free(&doomedPacket) }
        try unsafe check(avcodec_receive_packet(context, packet), "make JPEG")
        return unsafe Array(UnsafeBufferPointer(start: packet.pointee.data, count: Int(packet.pointee.size)))
    }
}
