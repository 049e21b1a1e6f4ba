/// Which of the latest packets of one source have come (RFC 3711 §3.3.2).
struct SRTPReplayWindow {
    /// At least 64 are asked for. Packets that are sent again under their own numbers come hundreds of packets late.
    static let size: UInt64 = 1024
    private static let wordBitCount = UInt64(UInt64.bitWidth)

    private(set) var highest: UInt64
    /// A packet's bit is at its index modulo ``size``.
    private var words = [UInt64](repeating: 0, count: Int(size / wordBitCount))

    init(first index: UInt64) {
        highest = index
        set(index, true)
    }

    /// Whether a packet has come already, or so long ago that nobody knows.
    func contains(_ index: UInt64) -> Bool {
        guard index <= highest else { return false }
        return highest - index >= Self.size || words[Self.word(index)] & Self.bit(index) != 0
    }

    mutating func insert(_ index: UInt64) {
        if index > highest {
            // What lies between has not come.
            let firstNew = max(highest + 1, index - min(index, Self.size - 1))
            for passed in firstNew...index { set(passed, false) }
            highest = index
        }
        set(index, true)
    }

    private mutating func set(_ index: UInt64, _ hasCome: Bool) {
        if hasCome { words[Self.word(index)] |= Self.bit(index) } else { words[Self.word(index)] &= ~Self.bit(index) }
    }

    private static func word(_ index: UInt64) -> Int { Int(index % size / wordBitCount) }
    private static func bit(_ index: UInt64) -> UInt64 { 1 << (index % wordBitCount) }
}
