internal import CLibAV

/// Brings yuv420p pictures into the memory of a graphics device, as NV12. Use from one thread at a time.
@safe final class HardwareUpload {
    /// Pictures in the device's memory: what an encoder refers to, and a few on the way. Quick Sync's pool is fixed.
    private static let poolSize: CInt = 20

    private let subject: String
    private let device: UnsafeMutablePointer<AVBufferRef>
    private let frames: UnsafeMutablePointer<AVBufferRef>
    private let staging: UnsafeMutablePointer<AVFrame>
    private let converter: OpaquePointer

    /// - Parameter format: the pixel format of pictures on the device.
    init(
        _ type: AVHWDeviceType, format: AVPixelFormat, width: Int, height: Int, subject: String
    ) throws(MediaError) {
        var device: UnsafeMutablePointer<AVBufferRef>?
        try unsafe check(av_hwdevice_ctx_create(&device, type, nil, nil, 0), "open device", subject: subject)
        guard let opened = unsafe device else { throw .outOfMemory("open device") }
        var frames: UnsafeMutablePointer<AVBufferRef>?
        var staging: UnsafeMutablePointer<AVFrame>?
        do throws(MediaError) {
            unsafe frames = unsafe try Self.makeFrames(
                opened, format: format, width: width, height: height, subject: subject)
            unsafe staging = unsafe try Self.makeStaging(width: width, height: height)
            let side = { (format: AVPixelFormat) in
                SwsConversion.Side(
                    width: CInt(width), height: CInt(height), format: format, isFullRange: false, matrix: SWS_CS_ITU709)
            }
            unsafe converter = try unsafe SwsConversion.makeContext(
                source: side(AV_PIX_FMT_YUV420P), target: side(AV_PIX_FMT_NV12))
        } catch {
            unsafe av_frame_free(&staging)
            unsafe av_buffer_unref(&frames)
            unsafe av_buffer_unref(&device)
            throw error
        }
        guard let frames = unsafe frames, let staging = unsafe staging else { throw .outOfMemory("open device") }
        unsafe self.device = unsafe opened
        unsafe self.frames = unsafe frames
        unsafe self.staging = unsafe staging
        self.subject = subject
    }

    deinit {
        unsafe sws_freeContext(converter)
        var frame: UnsafeMutablePointer<AVFrame>? = unsafe staging
        unsafe av_frame_free(&frame)
        var doomed: UnsafeMutablePointer<AVBufferRef>? = unsafe frames
        unsafe av_buffer_unref(&doomed)
        unsafe doomed = unsafe device
        unsafe av_buffer_unref(&doomed)
    }

    /// A reference for an encoder, which takes it over.
    func framesReference() -> UnsafeMutablePointer<AVBufferRef>? { unsafe av_buffer_ref(frames) }

    /// Puts `picture` on the device, into `target`, which holds nothing before. It gets the picture's properties.
    func upload(_ picture: UnsafePointer<AVFrame>, into target: UnsafeMutablePointer<AVFrame>) throws(MediaError) {
        try unsafe check(av_frame_make_writable(staging), "upload", subject: subject)
        unsafe SwsConversion.run(
            converter, source: picture.pointee,
            planes: [staging.pointee.data.0, staging.pointee.data.1, nil, nil],
            strides: [staging.pointee.linesize.0, staging.pointee.linesize.1, 0, 0])
        try unsafe check(av_hwframe_get_buffer(frames, target, 0), "upload", subject: subject)
        try unsafe check(av_hwframe_transfer_data(target, staging, 0), "upload", subject: subject)
        try unsafe check(av_frame_copy_props(target, picture), "upload", subject: subject)
    }

    private static func makeFrames(
        _ device: UnsafeMutablePointer<AVBufferRef>, format: AVPixelFormat, width: Int, height: Int, subject: String
    ) throws(MediaError) -> UnsafeMutablePointer<AVBufferRef> {
        guard let frames = unsafe av_hwframe_ctx_alloc(device) else { throw .outOfMemory("open device") }
        // libav keeps the description of the frames in the buffer (hwcontext.h).
        let context = unsafe UnsafeMutableRawPointer(frames.pointee.data).assumingMemoryBound(
            to: AVHWFramesContext.self)
        unsafe context.pointee.format = format
        unsafe context.pointee.sw_format = AV_PIX_FMT_NV12
        unsafe context.pointee.width = CInt(width)
        unsafe context.pointee.height = CInt(height)
        unsafe context.pointee.initial_pool_size = poolSize
        let code = unsafe av_hwframe_ctx_init(frames)
        guard code >= 0 else {
            var doomed: UnsafeMutablePointer<AVBufferRef>? = unsafe frames
            unsafe av_buffer_unref(&doomed)
            throw MediaError(libav: code, operation: "open device", subject: subject)
        }
        return unsafe frames
    }

    private static func makeStaging(width: Int, height: Int) throws(MediaError) -> UnsafeMutablePointer<AVFrame> {
        guard let frame = unsafe av_frame_alloc() else { throw .outOfMemory("open device") }
        unsafe frame.pointee.format = AV_PIX_FMT_NV12.rawValue
        unsafe frame.pointee.width = CInt(width)
        unsafe frame.pointee.height = CInt(height)
        let code = unsafe av_frame_get_buffer(frame, 0)
        guard code >= 0 else {
            var doomed: UnsafeMutablePointer<AVFrame>? = unsafe frame
            unsafe av_frame_free(&doomed)
            throw MediaError(libav: code, operation: "open device")
        }
        return unsafe frame
    }
}
