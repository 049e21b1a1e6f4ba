/// Finds which of one kind belongs to which of another, so that all together cost least.
///
/// The Hungarian method in its form with potentials, which adds one row after the other along the cheapest path (Kuhn, 1955; Jonker
/// and Volgenant, 1987): at most rows² × columns steps. What it works with is kept from one time to the next.
struct AssignmentSolver: Sendable {
    /// Of a pair that may not be. Those that may cost less, so that as many are made as pays.
    static let forbidden = 1.0

    /// By row, then by column; the last column is a place for the row that is being added.
    private var costs: [Double] = []
    private var rowPotentials: [Double] = []
    private var columnPotentials: [Double] = []
    private var rowOfColumn: [Int?] = []
    private var previousColumn: [Int] = []
    private var pathCosts: [Double] = []
    private var isOnPath: [Bool] = []

    /// - Parameters:
    ///   - cost: of a pair, 0 up to but not including ``forbidden``; nil for one that may not be.
    ///   - found: gets each pair.
    mutating func match(
        _ first: Int, with second: Int, cost: (_ first: Int, _ second: Int) -> Double?,
        found: (_ first: Int, _ second: Int) -> Void
    ) {
        // No more rows than columns, so that each row finds a place.
        let isTurned = first > second
        let (rows, columns) = isTurned ? (second, first) : (first, second)
        guard rows > 0 else { return }
        costs.reset(rows * columns, to: Self.forbidden)
        var isPossible = false
        for row in 0..<rows {
            for column in 0..<columns {
                guard let cost = isTurned ? cost(column, row) : cost(row, column), cost < Self.forbidden else {
                    continue
                }
                costs[row * columns + column] = cost
                isPossible = true
            }
        }
        guard isPossible else { return }
        rowPotentials.reset(rows, to: 0)
        columnPotentials.reset(columns + 1, to: 0)
        rowOfColumn.reset(columns + 1, to: nil)
        previousColumn.reset(columns + 1, to: columns)
        for row in 0..<rows { add(row, columns) }
        for column in 0..<columns {
            guard let row = rowOfColumn[column], costs[row * columns + column] < Self.forbidden else { continue }
            if isTurned { found(column, row) } else { found(row, column) }
        }
    }

    /// Gives a row a column, and others another one where that costs less.
    private mutating func add(_ row: Int, _ columns: Int) {
        pathCosts.reset(columns, to: .infinity)
        isOnPath.reset(columns, to: false)
        rowOfColumn[columns] = row
        var column = columns
        while let current = rowOfColumn[column] {
            if column < columns { isOnPath[column] = true }
            var (step, next) = (Double.infinity, columns)
            for other in 0..<columns where !isOnPath[other] {
                let cost = costs[current * columns + other] - rowPotentials[current] - columnPotentials[other]
                if cost < pathCosts[other] {
                    pathCosts[other] = cost
                    previousColumn[other] = column
                }
                if pathCosts[other] < step { (step, next) = (pathCosts[other], other) }
            }
            rowPotentials[row] += step
            for other in 0..<columns {
                if isOnPath[other] {
                    columnPotentials[other] -= step
                    if let owner = rowOfColumn[other] { rowPotentials[owner] += step }
                } else {
                    pathCosts[other] -= step
                }
            }
            column = next
        }
        while column != columns {
            let previous = previousColumn[column]
            rowOfColumn[column] = rowOfColumn[previous]
            column = previous
        }
    }
}

extension Array {
    /// As many of the same, in the memory that there is.
    fileprivate mutating func reset(_ count: Int, to value: Element) {
        removeAll(keepingCapacity: true)
        append(contentsOf: repeatElement(value, count: count))
    }
}
