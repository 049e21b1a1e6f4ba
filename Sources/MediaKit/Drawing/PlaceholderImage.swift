/// The still picture that viewers see while there is no other.
public enum PlaceholderImage {
    public enum Colour: String, Sendable, CaseIterable {
        case gray, black
    }

    /// A plain picture with `lines` centred on it, as large as fits. Characters outside ASCII show as `?`.
    ///
    /// It looks the same in every `pictureColour`, which may be that of the pictures that it stands in for.
    /// `width` and `height` are rounded up to even numbers. It has no presentation time; use
    /// ``VideoFrame/retimed(presentationTime:captureTime:)``.
    public static func frame(
        width: Int,
        height: Int,
        colour: Colour,
        lines: [String] = [],
        encodedAs pictureColour: PictureColour = .bt709
    ) throws(MediaError) -> VideoFrame {
        let pool = try FramePool(width: ContainGeometry.even(width), height: ContainGeometry.even(height))
        return try Canvas.picture(from: pool, colour: pictureColour, presentationTime: nil, captureTime: .now) {
            canvas in
            canvas.luma.fill(with: luma(colour == .gray ? 127 : 0, in: pictureColour))
            canvas.blue.fill(with: 128)
            canvas.red.fill(with: 128)
            draw(lines, white: luma(244, in: pictureColour), black: luma(0, in: pictureColour), on: canvas)
        }
    }

    /// What a grey of 0…255 is as luma (ITU-T H.273 equations 20 and 28), by whatever matrix.
    private static func luma(_ grey: Int, in colour: PictureColour) -> UInt8 {
        UInt8(colour.isFullRange ? grey : 16 + grey * 219 / 255)
    }

    private static func draw(_ lines: [String], white: UInt8, black: UInt8, on canvas: Canvas) {
        let longest = lines.map(\.count).max() ?? 0
        guard longest > 0 else { return }
        // At most nine tenths of the width, and a line at most a fourteenth of the height.
        let widest = canvas.width * 9 / 10 / (longest * BitmapFont.advance)
        let scale = max(min(widest, canvas.height / 14 / BitmapFont.lineHeight), 1)
        let lineHeight = scale * BitmapFont.lineHeight
        var top = (canvas.height - lines.count * lineHeight) / 2
        for line in lines {
            let left = (canvas.width - BitmapFont.width(of: line, scale: scale)) / 2
            BitmapFont.draw(line, x: left, y: top, scale: scale, luma: white, shadow: black, on: canvas.luma)
            top += lineHeight
        }
    }
}
