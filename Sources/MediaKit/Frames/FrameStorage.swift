internal import CLibAV

/// The one owner of a reference to a decoded picture's memory.
@safe final class FrameStorage: Sendable {
    // Not written after init, and freed in deinit; the picture behind it is shared read-only.
    private nonisolated(unsafe) let pointer: UnsafeMutablePointer<AVFrame>

    init(adopting frame: UnsafeMutablePointer<AVFrame>) {
        unsafe pointer = unsafe frame
    }

    deinit {
        var doomed: UnsafeMutablePointer<AVFrame>? = unsafe pointer
        unsafe av_frame_free(&doomed)
    }

    /// Lends the frame for calls that only read it or take a reference.
    func withPointer<R, E: Error>(_ body: (UnsafePointer<AVFrame>) throws(E) -> R) throws(E) -> R {
        defer { withExtendedLifetime(self) {} }
        return try unsafe body(UnsafePointer(pointer))
    }
}
