internal import CLibAV

/// The three planes of a yuv420p picture that is being drawn.
struct Canvas {
    let luma: Plane
    let blue: Plane
    let red: Plane

    var width: Int { luma.width }
    var height: Int { luma.height }

    /// Draws a picture into memory of `pool`.
    static func picture(
        from pool: FramePool,
        colour: PictureColour = .bt709,
        presentationTime: MediaTime?,
        captureTime: MonotonicInstant,
        draw: (Canvas) -> Void
    ) throws(MediaError) -> VideoFrame {
        let frame = try unsafe pool.makeFrame(colour)
        if let canvas = unsafe Canvas(frame.pointee) { draw(canvas) }
        return unsafe VideoFrame(adopting: frame, presentationTime: presentationTime, captureTime: captureTime)
    }

    private init?(_ frame: AVFrame) {
        let planes = unsafe [frame.plane(0), frame.plane(1), frame.plane(2)]
        guard let y = unsafe planes[0].data, let u = unsafe planes[1].data, let v = unsafe planes[2].data else {
            return nil
        }
        let (width, height) = unsafe (Int(frame.width), Int(frame.height))
        luma = unsafe Plane(data: y, stride: planes[0].stride, width: width, height: height)
        blue = unsafe Plane(data: u, stride: planes[1].stride, width: width / 2, height: height / 2)
        red = unsafe Plane(data: v, stride: planes[2].stride, width: width / 2, height: height / 2)
    }

    /// Fills a rectangle given in luma samples; its corner and size should be even.
    func fill(_ rectangle: PlaneRectangle, with colour: YUVColour) {
        luma.fill(rectangle, with: colour.y)
        let half = PlaneRectangle(
            x: rectangle.x / 2, y: rectangle.y / 2, width: (rectangle.width + 1) / 2, height: (rectangle.height + 1) / 2
        )
        blue.fill(half, with: colour.u)
        red.fill(half, with: colour.v)
    }
}

/// A colour in BT.709, limited range.
struct YUVColour: Hashable {
    let y: UInt8
    let u: UInt8
    let v: UInt8

    static let black = YUVColour(y: 16, u: 128, v: 128)
    static let white = YUVColour(y: 235, u: 128, v: 128)
    /// RGB 127, the reference's placeholder, in limited range: 16 + 127 * 219 / 255.
    static let gray = YUVColour(y: 125, u: 128, v: 128)
}
