internal import CLibAV

/// Brings pictures of any size and pixel format to one size of yuv420p with square samples, one field after the other made
/// whole pictures. Their colours stay as they are (``VideoFrame/colour``).
///
/// Use from one thread at a time. A picture that is already right passes through without a copy.
@safe public final class Scaler {
    /// What becomes of a picture of another shape.
    public enum Fit: Sendable, CaseIterable {
        /// As big as fits, with black bars.
        case contain
        /// As small as fills the target; what stands out is cut off.
        case cover
        /// Brought to the target's shape.
        case stretch
    }

    /// What the conversion depends on; while it stays the same the prepared converter is used again.
    private struct Geometry: Equatable {
        let width: CInt
        let height: CInt
        let format: AVPixelFormat
        let sampleAspectRatio: SampleAspectRatio
        let colour: PictureColour
    }

    public let width: Int
    public let height: Int
    public let fit: Fit
    private let pool: FramePool
    private var context: OpaquePointer?
    private var geometry: Geometry?
    private var placement: ContainGeometry
    /// The part of the source that is shown; nil for all of it.
    private var shown: CoverGeometry?

    /// `width` and `height` are rounded up to even numbers.
    public init(width: Int, height: Int, fit: Fit = .contain) throws(MediaError) {
        self.width = ContainGeometry.even(width)
        self.height = ContainGeometry.even(height)
        self.fit = fit
        pool = try FramePool(width: self.width, height: self.height)
        placement = ContainGeometry(filling: self.width, self.height)
    }

    deinit { unsafe sws_freeContext(context) }

    /// The picture in the target's size, with `frame`'s times.
    public func scale(_ frame: VideoFrame) throws(MediaError) -> VideoFrame {
        let source = try frame.progressive()
        let wanted = Geometry(
            width: CInt(source.width), height: CInt(source.height), format: source.format.withoutImpliedRange,
            sampleAspectRatio: source.signal.sampleAspectRatio, colour: source.colour)
        if isAlreadyRight(wanted) { return try source.withoutImpliedRange() }
        try prepare(wanted)
        let target = try unsafe pool.makeFrame(wanted.colour)
        let part = try shown.map { (shown) throws(MediaError) in try source.cropped(to: shown) } ?? source
        unsafe part.storage.withPointer { unsafe convert($0, into: target) }
        // Last, because vector code writes past the right edge of what it converts.
        unsafe blackenBars(of: target, wanted.colour)
        return unsafe VideoFrame(
            adopting: target, presentationTime: frame.presentationTime, captureTime: frame.captureTime)
    }

    private func isAlreadyRight(_ wanted: Geometry) -> Bool {
        wanted.width == width && wanted.height == height && wanted.format == AV_PIX_FMT_YUV420P
            && wanted.sampleAspectRatio == .square
    }

    private func prepare(_ wanted: Geometry) throws(MediaError) {
        guard geometry != wanted else { return }
        unsafe sws_freeContext(context)
        unsafe context = nil
        geometry = nil
        shown =
            fit == .cover
            ? CoverGeometry(
                sourceWidth: Int(wanted.width), sourceHeight: Int(wanted.height),
                sampleAspectRatio: wanted.sampleAspectRatio, targetWidth: width, targetHeight: height) : nil
        placement =
            fit == .contain
            ? ContainGeometry(
                sourceWidth: Int(wanted.width), sourceHeight: Int(wanted.height),
                sampleAspectRatio: wanted.sampleAspectRatio, targetWidth: width, targetHeight: height)
            : ContainGeometry(filling: width, height)
        // The same range and matrix on both sides, so that nothing is converted but what is red, green and blue.
        unsafe context = unsafe try SwsConversion.makeContext(
            source: SwsConversion.Side(
                width: shown.map { CInt($0.width) } ?? wanted.width,
                height: shown.map { CInt($0.height) } ?? wanted.height, format: wanted.format,
                isFullRange: wanted.colour.isFullRange, matrix: SWS_CS_ITU709),
            target: SwsConversion.Side(
                width: CInt(placement.width), height: CInt(placement.height), format: AV_PIX_FMT_YUV420P,
                isFullRange: wanted.colour.isFullRange, matrix: SWS_CS_ITU709)
        )
        geometry = wanted
    }

    private func convert(_ source: UnsafePointer<AVFrame>, into target: UnsafeMutablePointer<AVFrame>) {
        let (luma, lumaStride) = unsafe target.pointee.plane(0)
        let (blue, blueStride) = unsafe target.pointee.plane(1)
        let (red, redStride) = unsafe target.pointee.plane(2)
        guard let luma = unsafe luma, let blue = unsafe blue, let red = unsafe red else { return }
        let chromaX = placement.x / 2
        let chromaY = placement.y / 2
        unsafe SwsConversion.run(
            context,
            source: source.pointee,
            planes: [
                luma + placement.y * lumaStride + placement.x,
                blue + chromaY * blueStride + chromaX,
                red + chromaY * redStride + chromaX,
                nil,
            ],
            strides: [CInt(lumaStride), CInt(blueStride), CInt(redStride), 0]
        )
    }

    /// Pool memory holds an older picture, so the bars are filled each time; without bars nothing is written.
    private func blackenBars(of target: UnsafeMutablePointer<AVFrame>, _ colour: PictureColour) {
        let inner = PlaneRectangle(x: placement.x, y: placement.y, width: placement.width, height: placement.height)
        let half = PlaneRectangle(x: inner.x / 2, y: inner.y / 2, width: inner.width / 2, height: inner.height / 2)
        for (index, value) in [(0, UInt8(colour.isFullRange ? 0 : 16)), (1, 128), (2, 128)] {
            let (data, stride) = unsafe target.pointee.plane(index)
            guard let data = unsafe data else { continue }
            let isLuma = index == 0
            unsafe Plane(
                data: data, stride: stride, width: isLuma ? width : width / 2, height: isLuma ? height : height / 2
            ).fill(around: isLuma ? inner : half, with: value)
        }
    }
}

extension VideoFrame {
    /// The same memory, of which only a part is shown.
    fileprivate func cropped(to part: CoverGeometry) throws(MediaError) -> VideoFrame {
        let cropped = try unsafe storage.withPointer { (frame) throws(MediaError) in
            guard let cropped = unsafe av_frame_clone(frame) else { throw .outOfMemory("scale") }
            return unsafe cropped
        }
        unsafe cropped.pointee.crop_left = part.x
        unsafe cropped.pointee.crop_top = part.y
        unsafe cropped.pointee.crop_right = width - part.x - part.width
        unsafe cropped.pointee.crop_bottom = height - part.y - part.height
        let code = unsafe av_frame_apply_cropping(cropped, CInt(AV_FRAME_CROP_UNALIGNED))
        let frame = unsafe VideoFrame(
            adopting: cropped, presentationTime: presentationTime, captureTime: captureTime)
        try check(code, "scale", subject: pixelFormat)
        return frame
    }

    /// The same picture under the name of its pixel format that says nothing of its range, as encoders want it.
    fileprivate func withoutImpliedRange() throws(MediaError) -> VideoFrame {
        let plain = format.withoutImpliedRange
        guard plain != format else { return self }
        let renamed = try unsafe storage.withPointer { (frame) throws(MediaError) in
            guard let renamed = unsafe av_frame_clone(frame) else { throw .outOfMemory("scale") }
            return unsafe renamed
        }
        unsafe renamed.pointee.format = plain.rawValue
        unsafe renamed.pointee.color_range = AVCOL_RANGE_JPEG
        return unsafe VideoFrame(adopting: renamed, presentationTime: presentationTime, captureTime: captureTime)
    }
}
