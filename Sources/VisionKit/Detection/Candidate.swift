/// What a model takes for a thing of a class.
struct Candidate: Hashable, Sendable {
    var classIndex: Int
    var score: Float
    var box: CornerBox
}

/// A box by its corners, as parts of the picture; what is outside of the picture is cut off.
struct CornerBox: Hashable, Sendable {
    let left: Float
    let top: Float
    let right: Float
    let bottom: Float

    /// Nil for one that is no box, or outside.
    init?(left: Float, top: Float, right: Float, bottom: Float) {
        guard left.isFinite, top.isFinite, right.isFinite, bottom.isFinite else { return nil }
        self.left = min(max(left, 0), 1)
        self.top = min(max(top, 0), 1)
        self.right = min(max(right, 0), 1)
        self.bottom = min(max(bottom, 0), 1)
        guard self.left < self.right, self.top < self.bottom else { return nil }
    }

    init?(centre: (x: Float, y: Float), width: Float, height: Float) {
        self.init(
            left: centre.x - width / 2, top: centre.y - height / 2, right: centre.x + width / 2,
            bottom: centre.y + height / 2)
    }

    private var area: Float { (right - left) * (bottom - top) }

    /// What both have of what they have together, 0…1.
    func overlap(with other: CornerBox) -> Float {
        let width = min(right, other.right) - max(left, other.left)
        let height = min(bottom, other.bottom) - max(top, other.top)
        guard width > 0, height > 0 else { return 0 }
        let shared = width * height
        return shared / max(area + other.area - shared, .leastNormalMagnitude)
    }
}

extension [Candidate] {
    /// So many are compared with each other at most: those with the best scores.
    static let comparedLimit = 1000

    /// The best of those of a class that cover the same (non-maximum suppression), best first.
    func distinct(overlap: Float, limit: Int) -> [Candidate] {
        var kept: [Candidate] = []
        for candidate in sorted(by: { $0.score > $1.score }).prefix(Self.comparedLimit) {
            let isCovered = kept.contains {
                $0.classIndex == candidate.classIndex && $0.box.overlap(with: candidate.box) > overlap
            }
            if !isCovered { kept.append(candidate) }
        }
        return Array(kept.prefix(limit))
    }
}
