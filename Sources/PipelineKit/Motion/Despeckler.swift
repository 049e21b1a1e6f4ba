/// Takes away what is no thing but specks: single samples and thin lines, such as rain.
struct Despeckler: Sendable {
    /// So many of a sample and its eight neighbours have to be there for it to stay.
    private static let company: UInt8 = 5
    /// The side of the squares of samples that ``square(top:left:)`` tells of: as many as a word has bytes.
    static let side = 8

    private let width: Int
    private let height: Int
    /// How long a row is in ``cleaned``: whole squares, of which what the picture does not have stays 0.
    private let stride: Int
    /// For each sample, how many there are of it and of those left and right of it.
    private var triples: [UInt8]
    /// What is left, 1 or 0.
    private var cleaned: [UInt8]

    init(width: Int, height: Int) {
        self.width = width
        self.height = height
        stride = (width + Self.side - 1) / Self.side * Self.side
        triples = [UInt8](repeating: 0, count: width * height)
        cleaned = [UInt8](repeating: 0, count: stride * ((height + Self.side - 1) / Self.side * Self.side))
    }

    /// - Parameters:
    ///   - marks: 1 or 0, row by row.
    ///   - counts: how many marks each row has: most rows have none, and are not gone through.
    ///   - allowed: like the marks; others don't count.
    mutating func clean(_ marks: [UInt8], rows counts: [Int], within allowed: [UInt8]) {
        precondition(marks.count == triples.count && allowed.count == triples.count && counts.count == height)
        // In bounds: all of them have `width * height` elements or more, and rows are parts of them.
        unsafe triples.withUnsafeMutableBufferPointer { triples in
            unsafe marks.withUnsafeBufferPointer { marks in
                for y in 0..<height {
                    let row = y * width..<(y + 1) * width
                    let sums = unsafe UnsafeMutableBufferPointer(rebasing: triples[row])
                    if counts[y] == 0 {
                        unsafe sums.update(repeating: 0)
                    } else {
                        unsafe Self.addNeighbours(UnsafeBufferPointer(rebasing: marks[row]), into: sums)
                    }
                }
                unsafe cleaned.withUnsafeMutableBufferPointer { cleaned in
                    unsafe allowed.withUnsafeBufferPointer { allowed in
                        for y in 0..<height {
                            let left = unsafe UnsafeMutableBufferPointer(
                                rebasing: cleaned[y * stride..<y * stride + width])
                            guard counts[y] > 0 else {
                                unsafe left.update(repeating: 0)
                                continue
                            }
                            let row = y * width
                            let above = y > 0 ? row - width : row
                            let below = y + 1 < height ? row + width : row
                            let (hasAbove, hasBelow): (UInt8, UInt8) = (y > 0 ? .max : 0, y + 1 < height ? .max : 0)
                            for x in 0..<width {
                                let company =
                                    unsafe triples[row &+ x] &+ (triples[above &+ x] & hasAbove)
                                    &+ (triples[below &+ x] & hasBelow)
                                let stays: UInt8 = company >= Self.company ? 1 : 0
                                unsafe left[x] = stays & marks[row &+ x] & allowed[row &+ x]
                            }
                        }
                    }
                }
            }
        }
    }

    /// For each sample of a row, how many marks there are of it and of those left and right of it.
    private static func addNeighbours(
        _ marks: UnsafeBufferPointer<UInt8>, into triples: UnsafeMutableBufferPointer<UInt8>
    ) {
        for x in 0..<marks.count { unsafe triples[x] = marks[x] }
        for x in 0..<marks.count - 1 { unsafe triples[x &+ 1] &+= marks[x] }
        for x in 0..<marks.count - 1 { unsafe triples[x] &+= marks[x &+ 1] }
    }

    /// What is left in a square of samples.
    struct Square: Equatable {
        var count: Int
        /// From the first row and column of the picture that have any to behind the last.
        var rows: Range<Int>
        var columns: Range<Int>
    }

    /// - Parameters:
    ///   - top: the square's first row, a multiple of ``side``.
    ///   - left: its first column, likewise.
    /// - Returns: nil for a square in which nothing is left.
    func square(top: Int, left: Int) -> Square? {
        // One byte a column: no more than 8 are added up in it.
        var sums: UInt64 = 0
        var (first, last) = (Self.side, 0)
        // In bounds: there are whole squares.
        unsafe cleaned.withUnsafeBytes { cleaned in
            for row in 0..<Self.side {
                let word = unsafe cleaned.loadUnaligned(
                    fromByteOffset: (top &+ row) &* stride &+ left, as: UInt64.self)
                guard word != 0 else { continue }
                sums &+= UInt64(littleEndian: word)
                first = min(first, row)
                last = row
            }
        }
        guard sums != 0 else { return nil }
        return Square(
            count: Int((sums &* 0x0101_0101_0101_0101) >> 56), rows: top + first..<top + last + 1,
            columns: left + sums.trailingZeroBitCount / 8..<left + 8 - sums.leadingZeroBitCount / 8)
    }
}
