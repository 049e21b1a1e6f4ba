import StreamModel

extension MotionMask {
    /// What is painted is kept on a grid as fine as a finger, whatever the size of the picture.
    private static let columns = 80
    private static let rows = 45

    /// Which samples of a picture of this size are looked at, row by row: 1 or 0.
    func samples(width: Int, height: Int) -> [UInt8] {
        let painted = painted(shape: (Double(width), Double(height)))
        return (0..<width * height).map { index in
            let column = index % width * Self.columns / width
            let row = index / width * Self.rows / height
            return painted[row * Self.columns + column] == (mode == .include) ? 1 : 0
        }
    }

    /// - Parameter shape: of the picture, in any unit.
    private func painted(shape: (width: Double, height: Double)) -> [Bool] {
        var painted = [Bool](repeating: false, count: Self.columns * Self.rows)
        let shorter = min(shape.width, shape.height)
        // In cells: a circle of the picture is an ellipse of the grid, where cells are no squares.
        let cell = (width: shape.width / Double(Self.columns), height: shape.height / Double(Self.rows))
        let radius = diameter / 2 * shorter
        for stroke in strokes {
            guard var last = stroke.points.first else { continue }
            for point in stroke.points {
                paint(
                    from: (last.x * shape.width, last.y * shape.height),
                    to: (point.x * shape.width, point.y * shape.height), radius: radius, cell: cell,
                    stroke.operation == .paint, on: &painted)
                last = point
            }
        }
        return painted
    }

    /// Fills the cells whose middle the brush covers on its way.
    private func paint(
        from start: (x: Double, y: Double), to end: (x: Double, y: Double), radius: Double,
        cell: (width: Double, height: Double), _ isPainted: Bool, on cells: inout [Bool]
    ) {
        // A brush finer than a cell paints the cell that it is in: a corner is 0.71 of its side away from its middle.
        let reach = (x: max(radius, cell.width * 0.75), y: max(radius, cell.height * 0.75))
        let columns = Self.range(
            min(start.x, end.x) - reach.x, max(start.x, end.x) + reach.x, of: cell.width, count: Self.columns)
        let rows = Self.range(
            min(start.y, end.y) - reach.y, max(start.y, end.y) + reach.y, of: cell.height, count: Self.rows)
        let way = (x: end.x - start.x, y: end.y - start.y)
        let length = way.x * way.x + way.y * way.y
        for row in rows {
            for column in columns {
                let middle = (x: (Double(column) + 0.5) * cell.width, y: (Double(row) + 0.5) * cell.height)
                let along = (middle.x - start.x) * way.x + (middle.y - start.y) * way.y
                let part = length > 0 ? min(max(along / length, 0), 1) : 0
                let away = (
                    x: (middle.x - start.x - part * way.x) / reach.x, y: (middle.y - start.y - part * way.y) / reach.y
                )
                if away.x * away.x + away.y * away.y <= 1 { cells[row * Self.columns + column] = isPainted }
            }
        }
    }

    private static func range(_ from: Double, _ to: Double, of cell: Double, count: Int) -> Range<Int> {
        let first = min(max(Int(from / cell), 0), count - 1)
        return first..<min(max(Int(to / cell), first), count - 1) + 1
    }
}
