import StreamModel

@testable import VisionKit

/// How well things were known again, against what is true: MOTA (Bernardin and Stiefelhagen, 2008) and IDF1 (Ristani et al., 2016).
struct TrackingScore {
    /// What is where in a picture, by its number.
    typealias Picture = [Int: PictureBox]

    private(set) var mota = 0.0
    private(set) var idf1 = 0.0

    /// Boxes that overlap by so much show the same.
    private static let leastOverlap = 0.5

    /// - Parameter known: as many pictures as `truth` has.
    init(_ known: [Picture], truth: [Picture]) {
        let (things, claims) = (truth.reduce(0) { $0 + $1.count }, known.reduce(0) { $0 + $1.count })
        var (mistakes, together, last) = (0, [Pair: Int](), [Int: Int]())
        for (known, truth) in zip(known, truth) {
            var matches: [Int: Int] = [:]
            for (thing, box) in truth {
                for (number, other) in known where box.overlap(with: other) >= Self.leastOverlap {
                    together[Pair(thing: thing, number: number), default: 0] += 1
                    // What was the same before is preferred.
                    if last[thing] == number { matches[thing] = number }
                }
            }
            let rest = (
                truth.keys.filter { matches[$0] == nil }.sorted(),
                known.keys.filter { !matches.values.contains($0) }.sorted()
            )
            Self.match(rest.0, rest.1) { thing, number in
                guard let box = truth[thing], let other = known[number] else { return nil }
                let overlap = box.overlap(with: other)
                return overlap >= Self.leastOverlap ? 1 - overlap : nil
            } found: { thing, number in
                if let before = last[thing], before != number { mistakes += 1 }
                matches[thing] = number
            }
            mistakes += truth.count + known.count - 2 * matches.count
            last.merge(matches) { $1 }
        }
        mota = 1 - Double(mistakes) / Double(things)
        var right = 0
        let most = Double(together.values.max() ?? 0) + 1
        Self.match(Set(together.keys.map(\.thing)).sorted(), Set(together.keys.map(\.number)).sorted()) {
            together[Pair(thing: $0, number: $1)].map { 1 - Double($0) / most }
        } found: {
            right += together[Pair(thing: $0, number: $1)] ?? 0
        }
        idf1 = 2 * Double(right) / Double(things + claims)
    }

    private struct Pair: Hashable {
        var thing: Int
        var number: Int
    }

    private static func match(
        _ first: [Int], _ second: [Int], cost: (Int, Int) -> Double?, found: (Int, Int) -> Void
    ) {
        var solver = AssignmentSolver()
        solver.match(first.count, with: second.count) {
            cost(first[$0], second[$1])
        } found: {
            found(first[$0], second[$1])
        }
    }
}
