/// The still picture that viewers see while there is no other.
public enum PlaceholderImage {
    public enum Colour: String, Sendable, CaseIterable {
        case gray, black
    }

    /// A plain picture with `lines` centred on it, as large as fits. Characters outside ASCII show as `?`.
    ///
    /// `width` and `height` are rounded up to even numbers. It has no presentation time; use
    /// ``VideoFrame/retimed(presentationTime:captureTime:)``.
    public static func frame(
        width: Int,
        height: Int,
        colour: Colour,
        lines: [String] = []
    ) throws(MediaError) -> VideoFrame {
        let pool = try FramePool(width: ContainGeometry.even(width), height: ContainGeometry.even(height))
        return try Canvas.picture(from: pool, presentationTime: nil, captureTime: .now) { canvas in
            let whole = PlaneRectangle(x: 0, y: 0, width: canvas.width, height: canvas.height)
            canvas.fill(whole, with: colour == .gray ? .gray : .black)
            draw(lines, on: canvas)
        }
    }

    private static func draw(_ lines: [String], on canvas: Canvas) {
        let longest = lines.map(\.count).max() ?? 0
        guard longest > 0 else { return }
        // At most nine tenths of the width, and a line at most a fourteenth of the height.
        let widest = canvas.width * 9 / 10 / (longest * BitmapFont.advance)
        let scale = max(min(widest, canvas.height / 14 / BitmapFont.lineHeight), 1)
        let lineHeight = scale * BitmapFont.lineHeight
        var top = (canvas.height - lines.count * lineHeight) / 2
        for line in lines {
            let left = (canvas.width - BitmapFont.width(of: line, scale: scale)) / 2
            BitmapFont.draw(line, x: left, y: top, scale: scale, luma: 225, shadow: 16, on: canvas.luma)
            top += lineHeight
        }
    }
}
