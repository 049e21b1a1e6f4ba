/// Groups of IPv4 (RFC 1112) to choose from, written as a network (RFC 4632): `239.255.42.0/24`, or one of them alone.
public struct MulticastRange: Hashable, Sendable, CustomStringConvertible {
    private let first: UInt32
    private let prefixLength: Int

    /// Reads a range; nil when it is none, or has groups of `224.0.0.0/24`, which belong to routing protocols (RFC 5771 §4).
    public init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = parts.first.flatMap(Self.address) else { return nil }
        var length = 32
        if parts.count == 2 {
            guard let bits = Self.number(parts[1]), (4...32).contains(bits) else { return nil }
            length = bits
        }
        first = address & (UInt32.max << UInt32(32 - length))
        prefixLength = length
        guard first >> 28 == 0xE, first >> 8 != 0xE0_0000 else { return nil }
    }

    /// Four numbers with dots between.
    private static func address(_ text: Substring) -> UInt32? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var result: UInt32 = 0
        for part in parts {
            guard let byte = number(part), byte <= 255 else { return nil }
            result = result << 8 | UInt32(byte)
        }
        return result
    }

    /// A number of up to three digits: of one that begins with 0, nobody knows what it is.
    private static func number(_ text: Substring) -> Int? {
        guard (1...3).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            text.utf8.count == 1 || text.utf8.first != 0x30
        else { return nil }
        return Int(text)
    }

    /// How many groups it has.
    public var count: Int { 1 << (32 - prefixLength) }

    /// One of the groups, counted from 0; behind the last one it begins anew.
    public subscript(index: Int) -> IPAddress { IPAddress(ipv4: first | UInt32(truncatingIfNeeded: index % count)) }

    /// Whether any of its groups is for packets of one source alone, `232.0.0.0/8` (RFC 4607 §1).
    public var hasSourceSpecific: Bool {
        let length = min(prefixLength, 8)
        return first >> UInt32(32 - length) == UInt32(232) >> UInt32(8 - length)
    }

    /// Whether all of them are.
    public var isSourceSpecific: Bool { hasSourceSpecific && prefixLength >= 8 }

    public var description: String { "\(IPAddress(ipv4: first))/\(prefixLength)" }
}
