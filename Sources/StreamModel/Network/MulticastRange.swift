/// Multicast groups to choose from, written as a network (RFC 4632, RFC 4291 §2.3) or one of them alone: of IPv4 (RFC 1112), such as
/// `239.255.42.0/24`, or of IPv6 (RFC 4291 §2.7), such as `ff15::c242:0/112`.
public struct MulticastRange: Hashable, Sendable, CustomStringConvertible {
    private let first: IPAddress
    /// Of the address's own bits.
    private let prefixLength: Int

    /// Reads a range; nil when it is none, or has groups that belong to protocols: those of `224.0.0.0/24` (RFC 5771 §4), and of IPv6
    /// all that are assigned for good (RFC 4291 §2.7). What never leaves this machine is none either.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let head = parts.first, let address = Self.ipv4(head) ?? IPAddress(ipv6: head) else { return nil }
        let width = address.isIPv4 ? 32 : 128
        // Of IPv6, flags and scope are the same of all.
        let shortest = address.isIPv4 ? 4 : 16
        var length = width
        if parts.count == 2 {
            guard let bits = Self.number(parts[1]), (shortest...width).contains(bits) else { return nil }
            length = bits
        }
        first = IPAddress(bits: address.bits & (UInt128.max << UInt128(width - length)))
        prefixLength = length
        if let ipv4 = first.ipv4 {
            guard ipv4 >> 28 == 0xE, ipv4 >> 8 != 0xE0_0000 else { return nil }
        } else {
            guard first.bits >> 120 == 0xFF, Self.flags(first) & 1 == 1, (2...14).contains(Self.scope(first)) else {
                return nil
            }
        }
    }

    /// Four numbers with dots between.
    private static func ipv4(_ text: Substring) -> IPAddress? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var result: UInt32 = 0
        for part in parts {
            guard let byte = number(part), byte <= 255 else { return nil }
            result = result << 8 | UInt32(byte)
        }
        return IPAddress(ipv4: result)
    }

    /// A number of up to three digits: of one that begins with 0, nobody knows what it is.
    private static func number(_ text: Substring) -> Int? {
        guard (1...3).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            text.utf8.count == 1 || text.utf8.first != 0x30
        else { return nil }
        return Int(text)
    }

    private static func flags(_ group: IPAddress) -> Int { Int(truncatingIfNeeded: group.bits >> 116 & 0xF) }

    private static func scope(_ group: IPAddress) -> Int { Int(truncatingIfNeeded: group.bits >> 112 & 0xF) }

    public var isIPv4: Bool { first.isIPv4 }

    /// How many groups there are to choose from. Those of IPv6 differ in their last 32 bits alone, which become an Ethernet address,
    /// and where the range leaves all of these open, the first of them says that a server has chosen it (RFC 3307 §4.3): the
    /// others are assigned for good, or belong to no source (RFC 4607 §1).
    public var count: Int { 1 << min((isIPv4 ? 32 : 128) - prefixLength, isIPv4 ? 32 : 31) }

    /// One of the groups, counted from 0; behind the last one it begins anew.
    public subscript(index: Int) -> IPAddress {
        let chosen: UInt128 = !isIPv4 && prefixLength <= 96 ? 0x8000_0000 : 0
        return IPAddress(bits: first.bits | chosen | UInt128(truncatingIfNeeded: index % count))
    }

    /// Whether any of its groups is for packets of one source alone, `232.0.0.0/8` or `ff3x::/32` (RFC 4607 §1).
    public var hasSourceSpecific: Bool {
        if let ipv4 = first.ipv4 {
            let length = min(prefixLength, 8)
            return ipv4 >> UInt32(32 - length) == UInt32(232) >> UInt32(8 - length)
        }
        // What follows the scope is 0, as far as the range says.
        let length = min(prefixLength, 32)
        return Self.flags(first) == 3 && (first.bits << 16) >> UInt128(16 + 128 - length) == 0
    }

    /// Whether all of them are.
    public var isSourceSpecific: Bool { hasSourceSpecific && prefixLength >= (isIPv4 ? 8 : 32) }

    public var description: String { "\(first)/\(prefixLength)" }
}

extension IPAddress {
    /// Eight groups of hexadecimal digits with colons between, of which `::` stands for those that are 0 (RFC 4291 §2.2).
    fileprivate init?(ipv6 text: Substring) {
        guard text.utf8.count <= 39 else { return nil }
        let groups: [UInt16]
        if let gap = text.firstRange(of: "::") {
            guard let head = Self.groups(text[..<gap.lowerBound]), let tail = Self.groups(text[gap.upperBound...]),
                head.count + tail.count < 8
            else { return nil }
            groups = head + [UInt16](repeating: 0, count: 8 - head.count - tail.count) + tail
        } else {
            guard let all = Self.groups(text), all.count == 8 else { return nil }
            groups = all
        }
        self.init(bits: groups.reduce(UInt128(0)) { $0 << 16 | UInt128($1) })
        guard !isIPv4 else { return nil }
    }

    /// Groups with colons between; none of no text.
    private static func groups(_ text: Substring) -> [UInt16]? {
        guard !text.isEmpty else { return [] }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        let groups = parts.compactMap { part -> UInt16? in
            (1...4).contains(part.utf8.count) && part.allSatisfy { $0.isASCII && $0.isHexDigit }
                ? UInt16(part, radix: 16) : nil
        }
        return groups.count == parts.count ? groups : nil
    }
}
