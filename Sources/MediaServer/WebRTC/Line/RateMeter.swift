/// How much went by in the last second. A value without a clock: it is told the time.
struct RateMeter: Equatable {
    private static let slot: Duration = .milliseconds(100)
    private static let slotCount = 10

    private var slots = [Int](repeating: 0, count: slotCount)
    /// Of the newest of them, counted from the clock's beginning.
    private var newest = 0

    mutating func add(_ byteCount: Int, at now: Duration) {
        let number = Self.number(now)
        // What lies between was still; after a second nothing of before counts.
        if number > newest {
            for between in max(newest + 1, number - Self.slotCount + 1)...number { slots[between % Self.slotCount] = 0 }
            newest = number
        }
        slots[newest % Self.slotCount] += byteCount
    }

    func bitsPerSecond(at now: Duration) -> Int {
        let number = Self.number(now)
        let oldest = max(0, number - Self.slotCount + 1)
        guard oldest <= newest else { return 0 }
        return (oldest...newest).reduce(0) { $0 + slots[$1 % Self.slotCount] } * 8
    }

    private static func number(_ now: Duration) -> Int { max(0, Int(now / slot)) }
}
