import TestSupport

/// Damaged variants of valid inputs, the same in each run: bits flipped, bytes replaced by extremes, parts removed,
/// repeated or spliced from another input.
struct Mutations: Sequence, IteratorProtocol {
    private let seeds: [[UInt8]]
    private var remaining: Int
    private var generator: SeededGenerator

    init(of seeds: [[UInt8]], count: Int, seed: UInt64 = 1) {
        self.seeds = seeds
        remaining = count
        generator = SeededGenerator(seed: seed)
    }

    mutating func next() -> [UInt8]? {
        guard remaining > 0, var bytes = seeds.randomElement(using: &generator) else { return nil }
        remaining -= 1
        for _ in 0..<Int.random(in: 1...4, using: &generator) { mutate(&bytes) }
        return bytes
    }

    private mutating func mutate(_ bytes: inout [UInt8]) {
        guard let index = bytes.indices.randomElement(using: &generator) else { return }
        let length = Int.random(in: 1...16, using: &generator)
        let range = index..<Swift.min(index + length, bytes.count)
        switch Int.random(in: 0..<7, using: &generator) {
        case 0: bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
        case 1: bytes[index] = [0, 0xFF, 0x7F, 0x80, 0x0A, 0x0D].randomElement(using: &generator) ?? 0
        case 2: bytes[index] = UInt8.random(in: 0...255, using: &generator)
        case 3: bytes.removeSubrange(range)
        case 4: bytes.insert(contentsOf: bytes[range], at: index)
        case 5: bytes.removeSubrange(index...)
        default:
            let other = seeds.randomElement(using: &generator) ?? []
            bytes.replaceSubrange(index..., with: other.suffix(other.count / 2))
        }
    }
}
