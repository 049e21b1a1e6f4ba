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
    /// Rows of a block that are read: more make a mean hardly better, and cost as much again.
    private static let rowsPerBlock = 3

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
    /// The sums of the columns of a row of blocks.
    private var sums: [UInt16] = []

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

    /// What does not fill a block at the right and the lower edge is left out.
    ///
    /// - Parameter plane: `height` rows of `width` bytes, `stride` bytes apart.
    mutating func shrink(_ plane: RawSpan, stride: Int, width: Int, height: Int) -> LumaPicture {
        let block = (
            width: (width + LumaPicture.maximumWidth - 1) / LumaPicture.maximumWidth,
            height: (height + LumaPicture.maximumHeight - 1) / LumaPicture.maximumHeight
        )
        let (columns, rows) = (width / block.width, height / block.height)
        let rowsRead = min(block.height, Self.rowsPerBlock)
        let used = columns * block.width
        if sums.count < used { sums = [UInt16](repeating: 0, count: used) }
        // A mean by multiplication: of 255 at most, and of no more samples than 16 bits count.
        let area = UInt32(block.width * rowsRead)
        let reciprocal = (1 << 16 + area / 2) / area
        var samples = [UInt8](repeating: 0, count: columns * rows)
        // In bounds: the caller has checked the plane, and the two arrays are as long as has just been said.
        unsafe plane.withUnsafeBytes { plane in
            unsafe sums.withUnsafeMutableBufferPointer { sums in
                unsafe samples.withUnsafeMutableBufferPointer { samples in
                    for y in 0..<rows {
                        for row in 0..<rowsRead {
                            let start = (y * block.height + row * block.height / rowsRead) * stride
                            let line = unsafe UnsafeRawBufferPointer(rebasing: plane[start..<start + used])
                            unsafe Self.add(line, to: sums, isFirst: row == 0)
                        }
                        let means = unsafe UnsafeMutableBufferPointer(
                            rebasing: samples[y * columns..<(y + 1) * columns])
                        unsafe Self.average(sums, of: block.width, times: reciprocal, into: means)
                    }
                }
            }
        }
        return LumaPicture(width: columns, height: rows, samples: samples)
    }

    private static func add(_ line: UnsafeRawBufferPointer, to sums: UnsafeMutableBufferPointer<UInt16>, isFirst: Bool)
    {
        if isFirst {
            for x in 0..<line.count { unsafe sums[x] = UInt16(line[x]) }
        } else {
            for x in 0..<line.count { unsafe sums[x] &+= UInt16(line[x]) }
        }
    }

    /// The widths of most cameras' pictures get a loop of their own, which is three times as fast as one for any width.
    private static func average(
        _ sums: UnsafeMutableBufferPointer<UInt16>, of width: Int, times reciprocal: UInt32,
        into means: UnsafeMutableBufferPointer<UInt8>
    ) {
        switch width {
        case 2: unsafe averageInline(sums, of: 2, times: reciprocal, into: means)
        case 3: unsafe averageInline(sums, of: 3, times: reciprocal, into: means)
        case 4: unsafe averageInline(sums, of: 4, times: reciprocal, into: means)
        case 6: unsafe averageInline(sums, of: 6, times: reciprocal, into: means)
        case 8: unsafe averageInline(sums, of: 8, times: reciprocal, into: means)
        case 12: unsafe averageInline(sums, of: 12, times: reciprocal, into: means)
        default: unsafe averageInline(sums, of: width, times: reciprocal, into: means)
        }
    }

    @inline(__always)
    private static func averageInline(
        _ sums: UnsafeMutableBufferPointer<UInt16>, of width: Int, times reciprocal: UInt32,
        into means: UnsafeMutableBufferPointer<UInt8>
    ) {
        var column = 0
        for x in 0..<means.count {
            var sum: UInt32 = 0
            for offset in 0..<width { unsafe sum &+= UInt32(sums[column &+ offset]) }
            column &+= width
            unsafe means[x] = UInt8(truncatingIfNeeded: min((sum &* reciprocal &+ 1 << 15) >> 16, 255))
        }
    }
}
