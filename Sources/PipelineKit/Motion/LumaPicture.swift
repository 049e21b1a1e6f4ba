import MediaKit
import Synchronization

/// The brightness of a picture, small enough to look at all of it: each sample is the mean of a block of the frame.
struct LumaPicture: Equatable, Sendable {
    static let maximumWidth = 320
    static let maximumHeight = 180

    let width: Int
    let height: Int
    /// Row by row.
    var samples: [UInt8]
}

/// Makes small pictures of frames, whose memory is read in place.
struct LumaReader: Sendable {
    /// Brings formats without a plane of bytes, such as those of 10 bits, to one that has it.
    private final class Converter: Sendable {
        let scaler = Mutex<Scaler?>(nil)

        func convert(_ frame: VideoFrame) throws(MediaError) -> VideoFrame {
            try scaler.withLock { (scaler) throws(MediaError) in
                if scaler == nil {
                    scaler = try Scaler(
                        width: LumaPicture.maximumWidth, height: LumaPicture.maximumHeight, fit: .stretch)
                }
                return try scaler?.scale(frame) ?? frame
            }
        }
    }

    private let converter = Converter()
    /// What two rows of a block have in the middle, and a few bytes more than a row has.
    private var line: [UInt8] = []

    /// Nil for a frame that can't be read.
    mutating func picture(of frame: VideoFrame) -> LumaPicture? {
        if let picture = read(frame) { return picture }
        guard let converted = try? converter.convert(frame) else { return nil }
        return read(converted)
    }

    private mutating func read(_ frame: VideoFrame) -> LumaPicture? {
        frame.withLuma { plane, stride in
            guard frame.width > 0, frame.height > 0, plane.byteCount >= stride * (frame.height - 1) + frame.width else {
                return nil
            }
            return shrink(plane, stride: stride, width: frame.width, height: frame.height)
        }
    }

    /// Two rows of each block are read: to get more from memory makes a mean hardly better, and takes most of the time. What does
    /// not fill a block at the right and the lower edge is left out.
    ///
    /// - Parameter plane: `height` rows of `width` bytes, `stride` bytes apart.
    mutating func shrink(_ plane: RawSpan, stride: Int, width: Int, height: Int) -> LumaPicture {
        let block = (
            width: (width + LumaPicture.maximumWidth - 1) / LumaPicture.maximumWidth,
            height: (height + LumaPicture.maximumHeight - 1) / LumaPicture.maximumHeight
        )
        let (columns, rows) = (width / block.width, height / block.height)
        let used = columns * block.width
        if line.count < used + 8 { line = [UInt8](repeating: 0, count: used + 8) }
        var samples = [UInt8](repeating: 0, count: columns * rows)
        // In bounds: the caller has checked the plane, and the two arrays are as long as has just been said.
        unsafe plane.withUnsafeBytes { plane in
            unsafe line.withUnsafeMutableBufferPointer { line in
                unsafe samples.withUnsafeMutableBufferPointer { samples in
                    for y in 0..<rows {
                        let upper = y * block.height * stride
                        let lower = upper + block.height / 2 * stride
                        unsafe Self.average(
                            UnsafeRawBufferPointer(rebasing: plane[upper..<upper + used]),
                            UnsafeRawBufferPointer(rebasing: plane[lower..<lower + used]), into: line)
                        let means = unsafe UnsafeMutableBufferPointer(
                            rebasing: samples[y * columns..<(y + 1) * columns])
                        unsafe Self.average(blocksOf: block.width, of: UnsafeRawBufferPointer(line), into: means)
                    }
                }
            }
        }
        return LumaPicture(width: columns, height: rows, samples: samples)
    }

    private static func average(
        _ upper: UnsafeRawBufferPointer, _ lower: UnsafeRawBufferPointer,
        into line: UnsafeMutableBufferPointer<UInt8>
    ) {
        for x in 0..<upper.count {
            unsafe line[x] = UInt8(truncatingIfNeeded: (UInt16(upper[x]) &+ UInt16(lower[x]) &+ 1) &>> 1)
        }
    }

    /// The widths of most cameras' pictures get a loop of their own, which is faster than one for any width.
    private static func average(
        blocksOf width: Int, of line: UnsafeRawBufferPointer, into means: UnsafeMutableBufferPointer<UInt8>
    ) {
        switch width {
        case 2: unsafe averageInline(blocksOf: 2, of: line, into: means)
        case 3: unsafe averageInline(blocksOf: 3, of: line, into: means)
        case 4: unsafe averageInline(blocksOf: 4, of: line, into: means)
        case 6: unsafe averageInline(blocksOf: 6, of: line, into: means)
        case 8: unsafe averageInline(blocksOf: 8, of: line, into: means)
        case 12: unsafe averageInline(blocksOf: 12, of: line, into: means)
        default: unsafe averageInline(blocksOf: width, of: line, into: means)
        }
    }

    @inline(__always)
    private static func averageInline(
        blocksOf width: Int, of line: UnsafeRawBufferPointer, into means: UnsafeMutableBufferPointer<UInt8>
    ) {
        // A mean by multiplication, of 255 at most, and a sum of 16 bits: for blocks of up to 256 bytes, where the widest picture has 205.
        let reciprocal = (1 << 16 + UInt32(width) / 2) / UInt32(width)
        // Eight bytes at a time, of which the last ones of a block may belong to the next, or to what a line has more.
        let words = (width + 7) / 8
        let wanted = UInt64.max >> UInt64(words * 64 - width * 8)
        var start = 0
        for x in 0..<means.count {
            // Four sums of two bytes each, in 16 bits each.
            var pairs: UInt64 = 0
            for word in 0..<words {
                var bytes = unsafe line.loadUnaligned(fromByteOffset: start &+ word &* 8, as: UInt64.self)
                bytes = UInt64(littleEndian: bytes) & (word == words &- 1 ? wanted : .max)
                pairs &+= (bytes & 0x00FF_00FF_00FF_00FF) &+ ((bytes &>> 8) & 0x00FF_00FF_00FF_00FF)
            }
            // The highest part of the product is the sum of all four.
            let sum = UInt32(truncatingIfNeeded: (pairs &* 0x0001_0001_0001_0001) &>> 48)
            unsafe means[x] = UInt8(truncatingIfNeeded: (sum &* reciprocal &+ 1 << 15) &>> 16)
            start &+= width
        }
    }
}
