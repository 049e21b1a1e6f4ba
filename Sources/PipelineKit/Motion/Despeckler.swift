/// Takes away what is no thing but specks: single samples and thin lines, such as rain.
struct Despeckler: Sendable {
    /// So many of a sample and its eight neighbours have to be there for it to stay.
    private static let company: UInt8 = 5

    private let width: Int
    private let height: Int
    /// For each sample, how many there are of it and of those left and right of it.
    private var triples: [UInt8]
    /// What is left, 1 or 0.
    private var cleaned: [UInt8]

    init(width: Int, height: Int) {
        self.width = width
        self.height = height
        triples = [UInt8](repeating: 0, count: width * height)
        cleaned = triples
    }

    /// - Parameters:
    ///   - marks: 1 or 0, row by row.
    ///   - allowed: likewise; others don't count.
    mutating func clean(_ marks: [UInt8], within allowed: [UInt8]) {
        precondition(marks.count == cleaned.count && allowed.count == cleaned.count)
        // In bounds: all of them have `width * height` elements, and rows are parts of them.
        unsafe triples.withUnsafeMutableBufferPointer { triples in
            unsafe marks.withUnsafeBufferPointer { marks in
                for row in stride(from: 0, to: width * height, by: width) {
                    unsafe Self.addNeighbours(
                        UnsafeBufferPointer(rebasing: marks[row..<row + width]),
                        into: UnsafeMutableBufferPointer(rebasing: triples[row..<row + width]))
                }
                unsafe cleaned.withUnsafeMutableBufferPointer { cleaned in
                    unsafe allowed.withUnsafeBufferPointer { allowed in
                        for y in 0..<height {
                            let row = y * width
                            let above = y > 0 ? row - width : row
                            let below = y + 1 < height ? row + width : row
                            let (hasAbove, hasBelow): (UInt8, UInt8) = (y > 0 ? .max : 0, y + 1 < height ? .max : 0)
                            for x in 0..<width {
                                let company =
                                    unsafe triples[row &+ x] &+ (triples[above &+ x] & hasAbove)
                                    &+ (triples[below &+ x] & hasBelow)
                                let stays: UInt8 = company >= Self.company ? 1 : 0
                                unsafe cleaned[row &+ x] = stays & marks[row &+ x] & allowed[row &+ x]
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

    /// How many are left in a part of the picture.
    func count(rows: Range<Int>, columns: Range<Int>) -> Int {
        var count = 0
        for y in rows {
            for x in columns { count += Int(cleaned[y * width + x]) }
        }
        return count
    }
}
