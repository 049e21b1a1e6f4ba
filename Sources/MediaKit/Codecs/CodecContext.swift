internal import CLibAV

/// A decoder's or an encoder's context, and the frame that comes out of it or goes into it. Both are freed with it, also where opening
/// it fails.
@safe final class CodecContext {
    let pointer: UnsafeMutablePointer<AVCodecContext>
    let frame: UnsafeMutablePointer<AVFrame>

    /// - Parameter operation: what fails when there is no memory.
    init(_ codec: UnsafePointer<AVCodec>, _ operation: String) throws(MediaError) {
        guard let context = unsafe avcodec_alloc_context3(codec) else { throw .outOfMemory(operation) }
        guard let frame = unsafe av_frame_alloc() else {
            var doomed: UnsafeMutablePointer<AVCodecContext>? = unsafe context
            unsafe avcodec_free_context(&doomed)
            throw .outOfMemory(operation)
        }
        unsafe pointer = unsafe context
        unsafe self.frame = unsafe frame
    }

    deinit {
        var frame: UnsafeMutablePointer<AVFrame>? = unsafe frame
        unsafe av_frame_free(&frame)
        var context: UnsafeMutablePointer<AVCodecContext>? = unsafe pointer
        unsafe avcodec_free_context(&context)
    }

    /// Takes what has come out, and leaves the frame empty.
    func takeFrame() throws(MediaError) -> UnsafeMutablePointer<AVFrame> {
        guard let taken = unsafe av_frame_alloc() else { throw .outOfMemory("decode") }
        unsafe av_frame_move_ref(taken, frame)
        return unsafe taken
    }
}
