/// The built-in picture: moving colour bars, a wall clock, a lamp that is lit at the beginning of each second, and the frame's number
/// as text and as ``FrameCounter`` blocks.
public struct DemoSource: Sendable {
    public let width: Int
    public let height: Int
    public let framesPerSecond: Int
    private let pool: FramePool

    /// 75 % colour bars (ITU-R BT.1729) in BT.709: white, yellow, cyan, green, magenta, red, blue, and black.
    private static let bars: [YUVColour] = [
        YUVColour(y: 180, u: 128, v: 128), YUVColour(y: 168, u: 44, v: 136), YUVColour(y: 145, u: 147, v: 44),
        YUVColour(y: 133, u: 63, v: 52), YUVColour(y: 63, u: 193, v: 204), YUVColour(y: 51, u: 109, v: 212),
        YUVColour(y: 28, u: 212, v: 120), YUVColour(y: 16, u: 128, v: 128),
    ]
    /// The bars cross the picture once in this time.
    private static let crossingSeconds = 16

    /// How many pictures of a second the lamp is lit for: a tenth of it, rounded up.
    public static func litPictures(framesPerSecond: Int) -> Int { (framesPerSecond + 9) / 10 }

    /// `width` and `height` are rounded up to even numbers; a rate below one counts as one.
    public init(width: Int = 1280, height: Int = 720, framesPerSecond: Int = 25) throws(MediaError) {
        self.width = ContainGeometry.even(width)
        self.height = ContainGeometry.even(height)
        self.framesPerSecond = max(framesPerSecond, 1)
        pool = try FramePool(width: self.width, height: self.height)
    }

    /// When frame `number` is to be shown, counted from frame 0.
    public func presentationTime(ofFrame number: Int) -> MediaTime {
        MediaTime(
            ticks: MediaTime.rescale(
                Int64(number), from: MediaTimeBase(denominator: Int32(clamping: framesPerSecond)), to: .mpeg),
            timeBase: .mpeg)
    }

    /// Draws frame `number`. `clock` is the text of the wall clock; nil reads the system's.
    public func frame(
        number: Int,
        clock: String? = nil,
        captureTime: MonotonicInstant = .now
    ) throws(MediaError) -> VideoFrame {
        let time = presentationTime(ofFrame: number)
        return try Canvas.picture(from: pool, presentationTime: time, captureTime: captureTime) { canvas in
            drawBars(number: number, on: canvas)
            drawTexts([clock ?? WallClockText.now(), "frame \(number)"], on: canvas)
            drawLamp(number: number, on: canvas)
            FrameCounter.draw(UInt32(truncatingIfNeeded: number) & FrameCounter.maximum, into: canvas)
        }
    }

    private func drawBars(number: Int, on canvas: Canvas) {
        let period = DemoSource.crossingSeconds * framesPerSecond
        let step = ((number % period) + period) % period
        let shift = (width * step / period) & ~1
        for (plane, divisor, sample) in [
            (canvas.luma, 1, \YUVColour.y), (canvas.blue, 2, \YUVColour.u), (canvas.red, 2, \YUVColour.v),
        ] {
            // The first row is drawn, the others are copies of it.
            for (index, colour) in DemoSource.bars.enumerated() {
                let left = plane.width * index / DemoSource.bars.count
                let right = plane.width * (index + 1) / DemoSource.bars.count
                let start = (left + shift / divisor) % plane.width
                let end = start + right - left
                plane.fill(
                    PlaneRectangle(x: start, y: 0, width: right - left, height: 1), with: colour[keyPath: sample])
                if end > plane.width {
                    plane.fill(
                        PlaneRectangle(x: 0, y: 0, width: end - plane.width, height: 1), with: colour[keyPath: sample])
                }
            }
            for row in 1..<plane.height {
                unsafe (plane.data + row * plane.stride).update(from: plane.data, count: plane.width)
            }
        }
    }

    /// In the middle, below the texts.
    private func drawLamp(number: Int, on canvas: Canvas) {
        let size = (height / 12) & ~1
        let place = PlaneRectangle(x: ((width - size) / 2) & ~1, y: (height * 3 / 4) & ~1, width: size, height: size)
        let isLit = number % framesPerSecond < Self.litPictures(framesPerSecond: framesPerSecond)
        canvas.fill(place, with: isLit ? .white : .black)
    }

    private func drawTexts(_ lines: [String], on canvas: Canvas) {
        let scale = max(min(width / 24 / BitmapFont.advance, height / 12 / BitmapFont.lineHeight), 1)
        let lineHeight = scale * BitmapFont.lineHeight
        let longest = lines.map { BitmapFont.width(of: $0, scale: scale) }.max() ?? 0
        let margin = (lineHeight / 2) & ~1
        let box = PlaneRectangle(
            x: ((width - longest) / 2 - margin) & ~1, y: (height / 3) & ~1, width: (longest + 2 * margin + 1) & ~1,
            height: (lines.count * lineHeight + margin + 1) & ~1)
        canvas.fill(box, with: .black)
        // The gap below each line goes half above it, so that the text sits in the middle of its box.
        let top = box.y + margin / 2 + (BitmapFont.lineHeight - BitmapFont.glyphHeight) * scale / 2
        for (index, line) in lines.enumerated() {
            let left = (width - BitmapFont.width(of: line, scale: scale)) / 2
            BitmapFont.draw(
                line, x: left, y: top + index * lineHeight, scale: scale, luma: 235, shadow: nil,
                on: canvas.luma)
        }
    }
}
