import StreamModel

/// The smallest rectangle of samples around something that moves.
struct MovingArea: Equatable, Sendable {
    private(set) var rows: Range<Int>
    private(set) var columns: Range<Int>
    /// How many samples of it move.
    private(set) var count: Int

    /// As many as are told of one picture.
    static let limit = 16
    /// Parts of one thing are not further from each other, in samples: half of a person may be as bright as what is behind them.
    private static let nearness = 8

    init(_ square: Despeckler.Square) {
        (rows, columns, count) = (square.rows, square.columns, square.count)
    }

    /// The largest areas, the largest first.
    ///
    /// - Parameter squares: row by row.
    static func all(of squares: [Despeckler.Square]) -> [MovingArea] {
        var areas: [MovingArea] = []
        for square in squares {
            var area = MovingArea(square)
            // What it joins may bring it near to others, which have been looked at already.
            while let near = areas.firstIndex(where: area.isNear) {
                area.join(areas.remove(at: near))
            }
            areas.append(area)
        }
        return Array(areas.sorted { $0.count > $1.count }.prefix(limit))
    }

    /// As a part of the picture that it is in.
    func box(in picture: LumaPicture) -> PictureBox {
        let (width, height) = (Double(picture.width), Double(picture.height))
        return PictureBox(
            left: Double(columns.lowerBound) / width, top: Double(rows.lowerBound) / height,
            right: Double(columns.upperBound) / width, bottom: Double(rows.upperBound) / height)
    }

    private func isNear(_ other: MovingArea) -> Bool {
        Self.isNear(rows, other.rows) && Self.isNear(columns, other.columns)
    }

    private static func isNear(_ one: Range<Int>, _ other: Range<Int>) -> Bool {
        one.lowerBound <= other.upperBound + nearness && other.lowerBound <= one.upperBound + nearness
    }

    private mutating func join(_ other: MovingArea) {
        rows = min(rows.lowerBound, other.rows.lowerBound)..<max(rows.upperBound, other.rows.upperBound)
        columns = min(columns.lowerBound, other.columns.lowerBound)..<max(columns.upperBound, other.columns.upperBound)
        count += other.count
    }
}
