internal import CLibAV

/// Brings pictures of any size and pixel format to one size of yuv420p, BT.709, limited range.
///
/// Use from one thread at a time. A picture that is already right passes through without a copy.
public final class Scaler {
    /// The resize modes of an output. Both have the same effect, as in the reference (contract B.2): equal sizes pass
    /// through and everything else is contained.
    public enum Mode: String, Sendable, CaseIterable {
        case contain
        case none
    }

    /// What the conversion depends on; while it stays the same the prepared converter is used again.
    private struct Geometry: Equatable {
        let width: CInt
        let height: CInt
        let format: AVPixelFormat
        let isFullRange: Bool
        let matrix: CInt
    }

    public let width: Int
    public let height: Int
    public let mode: Mode
    private let pool: FramePool
    private var context: OpaquePointer?
    private var geometry: Geometry?
    private var placement: ContainGeometry

    /// `width` and `height` are rounded up to even numbers.
    public init(width: Int, height: Int, mode: Mode = .contain) throws(MediaError) {
        self.width = ContainGeometry.even(width)
        self.height = ContainGeometry.even(height)
        self.mode = mode
        pool = try FramePool(width: self.width, height: self.height)
        placement = ContainGeometry(
            sourceWidth: self.width, sourceHeight: self.height, targetWidth: self.width, targetHeight: self.height)
    }

    deinit { sws_freeContext(context) }

    /// The picture in the target's size, with `frame`'s times.
    public func scale(_ frame: VideoFrame) throws(MediaError) -> VideoFrame {
        try frame.storage.withPointer { (source) throws(MediaError) -> VideoFrame in
            let wanted = Scaler.geometry(of: source.pointee, format: frame.format)
            if isAlreadyRight(wanted) { return frame }
            try prepare(wanted)
            let target = try pool.makeFrame()
            blackenBars(of: target)
            convert(source, into: target)
            return VideoFrame(
                adopting: target, presentationTime: frame.presentationTime, captureTime: frame.captureTime)
        }
    }

    private func isAlreadyRight(_ wanted: Geometry) -> Bool {
        wanted.width == width && wanted.height == height && wanted.format == AV_PIX_FMT_YUV420P
            && !wanted.isFullRange && wanted.matrix == SWS_CS_ITU709
    }

    private static func geometry(of frame: AVFrame, format: AVPixelFormat) -> Geometry {
        let plain = format.withoutImpliedRange
        return Geometry(
            width: frame.width,
            height: frame.height,
            format: plain,
            isFullRange: plain != format || frame.color_range == AVCOL_RANGE_JPEG,
            matrix: SwsMatrix.number(of: frame.colorspace)
        )
    }

    private func prepare(_ wanted: Geometry) throws(MediaError) {
        guard geometry != wanted else { return }
        sws_freeContext(context)
        context = nil
        geometry = nil
        placement = ContainGeometry(
            sourceWidth: Int(wanted.width), sourceHeight: Int(wanted.height), targetWidth: width, targetHeight: height)
        context = try SwsConversion.makeContext(
            source: SwsConversion.Side(
                width: wanted.width, height: wanted.height, format: wanted.format, isFullRange: wanted.isFullRange,
                matrix: wanted.matrix),
            target: SwsConversion.Side(
                width: CInt(placement.width), height: CInt(placement.height), format: AV_PIX_FMT_YUV420P,
                isFullRange: false, matrix: SWS_CS_ITU709)
        )
        geometry = wanted
    }

    private func convert(_ source: UnsafePointer<AVFrame>, into target: UnsafeMutablePointer<AVFrame>) {
        let (luma, lumaStride) = target.pointee.plane(0)
        let (blue, blueStride) = target.pointee.plane(1)
        let (red, redStride) = target.pointee.plane(2)
        guard let luma, let blue, let red else { return }
        let chromaX = placement.x / 2
        let chromaY = placement.y / 2
        SwsConversion.run(
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
    private func blackenBars(of target: UnsafeMutablePointer<AVFrame>) {
        let inner = PlaneRectangle(x: placement.x, y: placement.y, width: placement.width, height: placement.height)
        let half = PlaneRectangle(x: inner.x / 2, y: inner.y / 2, width: inner.width / 2, height: inner.height / 2)
        for (index, value) in [(0, UInt8(16)), (1, 128), (2, 128)] {
            let (data, stride) = target.pointee.plane(index)
            guard let data else { continue }
            let isLuma = index == 0
            Plane(
                data: data, stride: stride, width: isLuma ? width : width / 2, height: isLuma ? height : height / 2
            ).fill(around: isLuma ? inner : half, with: value)
        }
    }
}
