internal import CLibAV

/// A frame's number drawn into its picture so that it survives encoding, scaling and any player.
///
/// Layout: one row of 32 cells of equal width along the bottom edge, over the full width; the row is `height / 12` high,
/// rounded down to an even number; cell `i`, 0 being leftmost, begins at `width * i / 32`. Luma 235 is 1 and 16 is 0;
/// chroma is neutral. From the left, most significant bit first: the marker `1010`, 24 bits of counter, and 4 bits of
/// checksum, which is the exclusive or of the counter's six nibbles.
public enum FrameCounter {
    public static let cellCount = 32
    /// The counter starts again at 0 after this.
    public static let maximum: UInt32 = 0xff_ffff

    static let one: UInt8 = 235
    static let zero: UInt8 = 16
    private static let marker: UInt32 = 0b1010

    /// The 32 cells as a number, the leftmost cell being the highest bit.
    static func code(for number: UInt32) -> UInt32 {
        let counter = number & maximum
        return marker << 28 | counter << 4 | checksum(of: counter)
    }

    /// The counter in `code`, or nil when marker or checksum is wrong.
    static func number(in code: UInt32) -> UInt32? {
        let counter = code >> 4 & maximum
        guard code >> 28 == marker, code & 0xf == checksum(of: counter) else { return nil }
        return counter
    }

    private static func checksum(of counter: UInt32) -> UInt32 {
        (0..<6).reduce(0) { $0 ^ (counter >> (4 * $1) & 0xf) }
    }

    /// Height of the row in a picture `height` high.
    public static func rowHeight(forPictureHeight height: Int) -> Int {
        height / 12 & ~1
    }

    static func draw(_ number: UInt32, into canvas: Canvas) {
        let code = code(for: number)
        let row = rowHeight(forPictureHeight: canvas.height)
        for cell in 0..<cellCount {
            let left = canvas.width * cell / cellCount
            let right = canvas.width * (cell + 1) / cellCount
            let isOne = code >> (cellCount - 1 - cell) & 1 == 1
            canvas.luma.fill(
                PlaneRectangle(x: left, y: canvas.height - row, width: right - left, height: row),
                with: isOne ? one : zero)
        }
        for plane in [canvas.blue, canvas.red] {
            plane.fill(
                PlaneRectangle(x: 0, y: plane.height - row / 2, width: plane.width, height: row / 2), with: 128)
        }
    }

    /// The number drawn in `frame`, or nil when there is none or the picture is too damaged to tell.
    public static func read(from frame: VideoFrame) -> UInt32? {
        frame.withLuma { luma, stride in
            read(luma: luma, stride: stride, width: frame.width, height: frame.height)
        }
    }

    /// As ``read(from:)``, of a bare luma plane. Averages the middle of each cell, where compression does least harm.
    public static func read(luma: RawSpan, stride: Int, width: Int, height: Int) -> UInt32? {
        let row = rowHeight(forPictureHeight: height)
        guard width >= cellCount, row >= 2, stride >= width, luma.byteCount >= stride * (height - 1) + width else {
            return nil
        }
        let rows = (height - row + row / 4)..<(height - row / 4)
        var code: UInt32 = 0
        for cell in 0..<cellCount {
            let left = width * cell / cellCount
            let cellWidth = width * (cell + 1) / cellCount - left
            let columns = (left + cellWidth / 4)..<(left + cellWidth - cellWidth / 4)
            var sum = 0
            for y in rows {
                for x in columns { sum += Int(luma.byte(at: y * stride + x)) }
            }
            let isOne = sum > rows.count * columns.count * (Int(one) + Int(zero)) / 2
            code = code << 1 | (isOne ? 1 : 0)
        }
        return number(in: code)
    }
}

extension RawSpan {
    /// Bounds-checked; the name of the standard library's own says "unsafe" for the type, which a byte cannot violate.
    fileprivate func byte(at offset: Int) -> UInt8 {
        unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: UInt8.self)
    }
}
