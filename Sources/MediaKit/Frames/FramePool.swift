internal import CLibAV

/// Makes yuv420p frames of one size from memory that is used again when a frame has been released.
@safe final class FramePool: Sendable {
    /// Rows start at multiples of this, which is what the widest vector instructions of libav want.
    private static let rowAlignment: CInt = 64

    let width: Int
    let height: Int
    // AVBufferPool does its own locking, and lives on until its last buffer is returned.
    private nonisolated(unsafe) let pool: OpaquePointer

    init(width: Int, height: Int) throws(MediaError) {
        MediaKit.ensureRegistered()
        let size = av_image_get_buffer_size(
            AV_PIX_FMT_YUV420P, CInt(clamping: width), CInt(clamping: height), FramePool.rowAlignment)
        try check(size, "make frames", subject: "\(width)x\(height)")
        // libav's vector code may read and write a little past the last row.
        guard let pool = unsafe av_buffer_pool_init(Int(size) + 64, nil) else { throw .outOfMemory("make frames") }
        self.width = width
        self.height = height
        unsafe self.pool = unsafe pool
    }

    deinit {
        var doomed: OpaquePointer? = unsafe pool
        unsafe av_buffer_pool_uninit(&doomed)
    }

    /// A writable frame with undefined content. The caller owns it.
    func makeFrame(_ colour: PictureColour = .bt709) throws(MediaError) -> UnsafeMutablePointer<AVFrame> {
        guard let frame = unsafe av_frame_alloc() else { throw .outOfMemory("make frame") }
        guard let buffer = unsafe av_buffer_pool_get(pool) else {
            var doomed: UnsafeMutablePointer<AVFrame>? = unsafe frame
            unsafe av_frame_free(&doomed)
            throw .outOfMemory("make frame")
        }
        unsafe frame.pointee.buf.0 = unsafe buffer
        unsafe frame.pointee.width = CInt(width)
        unsafe frame.pointee.height = CInt(height)
        unsafe frame.pointee.format = AV_PIX_FMT_YUV420P.rawValue
        unsafe colour.tag(frame)
        unsafe frame.pointee.chroma_location = AVCHROMA_LOC_LEFT
        unsafe frame.pointee.sample_aspect_ratio = AVRational(num: 1, den: 1)
        unsafe withUnsafeMutablePointer(to: &frame.pointee.data) { data in
            unsafe withUnsafeMutablePointer(to: &frame.pointee.linesize) { linesize in
                unsafe data.withMemoryRebound(to: UnsafeMutablePointer<UInt8>?.self, capacity: 8) { data in
                    unsafe linesize.withMemoryRebound(to: CInt.self, capacity: 8) { linesize in
                        _ = unsafe av_image_fill_arrays(
                            data, linesize, buffer.pointee.data, AV_PIX_FMT_YUV420P,
                            CInt(width), CInt(height), FramePool.rowAlignment)
                    }
                }
            }
        }
        return unsafe frame
    }
}
