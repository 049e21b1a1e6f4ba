internal import CLibAV

/// One uncompressed picture. Immutable, and cheap to share: stages hand on references, never copies.
public final class VideoFrame: Sendable {
    public let width: Int
    public let height: Int
    /// libav's name of the pixel format, such as `yuv420p`.
    public let pixelFormat: String
    /// When to show it on the source's own time line; nil when the source gives no timestamps.
    public let presentationTime: MediaTime?
    /// When its data arrived here, on the monotonic clock.
    public let captureTime: MonotonicInstant
    /// Whether it was coded without reference to other pictures. False for drawn pictures.
    public let isKeyframe: Bool
    /// The shape of its samples, its fields and its colours.
    public let signal: PictureSignal

    let storage: FrameStorage
    let format: AVPixelFormat

    /// Takes over `frame`, which nobody else may write any more.
    init(
        adopting frame: UnsafeMutablePointer<AVFrame>,
        presentationTime: MediaTime?,
        captureTime: MonotonicInstant
    ) {
        self.width = unsafe Int(frame.pointee.width)
        self.height = unsafe Int(frame.pointee.height)
        self.format = unsafe AVPixelFormat(frame.pointee.format)
        self.pixelFormat = unsafe av_get_pix_fmt_name(self.format).map { unsafe String(cString: $0) } ?? "unknown"
        self.isKeyframe = unsafe frame.pointee.key_frame != 0
        self.signal = unsafe PictureSignal(of: frame.pointee, format: format)
        self.presentationTime = presentationTime
        self.captureTime = captureTime
        self.storage = unsafe FrameStorage(adopting: frame)
    }

    private init(sharing other: VideoFrame, presentationTime: MediaTime?, captureTime: MonotonicInstant) {
        self.width = other.width
        self.height = other.height
        self.format = other.format
        self.pixelFormat = other.pixelFormat
        self.isKeyframe = other.isKeyframe
        self.signal = other.signal
        self.presentationTime = presentationTime
        self.captureTime = captureTime
        self.storage = other.storage
    }

    /// The same picture at another time; shares the memory.
    public func retimed(presentationTime: MediaTime?, captureTime: MonotonicInstant) -> VideoFrame {
        VideoFrame(sharing: self, presentationTime: presentationTime, captureTime: captureTime)
    }

    /// A picture without comb teeth: of an interlaced picture the field of the even lines, with samples twice as tall and
    /// the memory shared; any other picture is returned as it is.
    ///
    /// A field is half the lines for nothing at all, and whoever scales by the shape of the samples brings it to its
    /// height again. To blend both fields shows everything that moves twice, and to interpolate what is missing costs a
    /// pass over the picture that 1080i to 540 lines and less would throw away again.
    public func progressive() throws(MediaError) -> VideoFrame {
        guard signal.isInterlaced, height >= 4 else { return self }
        let field = try unsafe storage.withPointer { (frame) throws(MediaError) in
            guard let field = unsafe av_frame_clone(frame) else { throw .outOfMemory("take a field") }
            return unsafe field
        }
        unsafe field.pointee.height = CInt(height / 2)
        unsafe withUnsafeMutablePointer(to: &field.pointee.linesize) { lines in
            unsafe lines.withMemoryRebound(to: CInt.self, capacity: 8) { lines in
                for index in 0..<8 { unsafe lines[index] *= 2 }
            }
        }
        let shape = signal.sampleAspectRatio
        unsafe field.pointee.sample_aspect_ratio = AVRational(
            num: CInt(clamping: shape.width), den: CInt(clamping: shape.height * 2))
        unsafe field.pointee.interlaced_frame = 0
        return unsafe VideoFrame(adopting: field, presentationTime: presentationTime, captureTime: captureTime)
    }

    /// Lends the luma plane: `height` rows of which `stride` bytes apart the first `width` are picture.
    ///
    /// Empty for formats that have no plane of luma with one byte a sample.
    public func withLuma<R, E: Error>(_ body: (_ luma: RawSpan, _ stride: Int) throws(E) -> R) throws(E) -> R {
        guard hasPlanarLuma else { return try unsafe body(UnsafeRawBufferPointer(start: nil, count: 0).bytes, 0) }
        return try withPlane(0) { (plane, stride, _) throws(E) in try body(plane, stride) }
    }

    /// Lends plane `index` (Y, U, V): the bytes, the distance of two rows in bytes, and the number of rows.
    ///
    /// Empty for a plane that the format does not have.
    public func withPlane<R, E: Error>(
        _ index: Int,
        _ body: (_ plane: RawSpan, _ stride: Int, _ rows: Int) throws(E) -> R
    ) throws(E) -> R {
        let planes = Int(max(av_pix_fmt_count_planes(format), 0))
        guard (0..<planes).contains(index), let descriptor = unsafe av_pix_fmt_desc_get(format)?.pointee else {
            return try unsafe body(UnsafeRawBufferPointer(start: nil, count: 0).bytes, 0, 0)
        }
        let isChroma = index == 1 || index == 2
        // Rounded up, as in AV_CEIL_RSHIFT.
        let rows = unsafe isChroma ? -(-height >> Int(descriptor.log2_chroma_h)) : height
        let rowBytes = Int(av_image_get_linesize(format, CInt(width), CInt(index)))
        return try unsafe storage.withPointer { (frame) throws(E) -> R in
            let (data, stride) = unsafe frame.pointee.plane(index)
            // A bottom-up picture (negative stride) is not lent: no decoder here makes one.
            guard let data = unsafe data, stride >= rowBytes, rows > 0 else {
                return try unsafe body(UnsafeRawBufferPointer(start: nil, count: 0).bytes, 0, 0)
            }
            let bytes = unsafe UnsafeRawBufferPointer(start: data, count: stride * (rows - 1) + rowBytes)
            return try unsafe body(bytes.bytes, stride, rows)
        }
    }

    private var hasPlanarLuma: Bool {
        guard let descriptor = unsafe av_pix_fmt_desc_get(format)?.pointee else { return false }
        return unsafe descriptor.flags & UInt64(AV_PIX_FMT_FLAG_RGB) == 0 && descriptor.comp.0.step == 1
            && descriptor.comp.0.depth == 8
    }
}

extension AVFrame {
    func plane(_ index: Int) -> (data: UnsafeMutablePointer<UInt8>?, stride: Int) {
        switch index {
        case 0: unsafe (data.0, Int(linesize.0))
        case 1: unsafe (data.1, Int(linesize.1))
        case 2: unsafe (data.2, Int(linesize.2))
        case 3: unsafe (data.3, Int(linesize.3))
        default: (nil, 0)
        }
    }
}
