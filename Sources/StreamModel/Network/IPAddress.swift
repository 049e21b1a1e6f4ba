/// An IPv4 or IPv6 address. An IPv4 address that comes mapped into IPv6 (`::ffff:192.0.2.1`, RFC 4291 §2.5.5.2), as on
/// a socket that listens on both, equals the plain one.
public struct IPAddress: Hashable, Sendable, CustomStringConvertible {
    /// The 128 bits, with IPv4 in its mapped form.
    public let bits: UInt128

    private static let mappedPrefix: UInt128 = 0xFFFF << 32

    public init(bits: UInt128) { self.bits = bits }

    public init(ipv4: UInt32) { bits = Self.mappedPrefix | UInt128(ipv4) }

    /// nil for IPv6.
    public var ipv4: UInt32? { isIPv4 ? UInt32(truncatingIfNeeded: bits) : nil }

    /// Whether it is an IPv4 address, mapped or not.
    public var isIPv4: Bool { bits >> 32 == Self.mappedPrefix >> 32 }

    /// `0.0.0.0` or `::`: every address of the machine.
    public var isUnspecified: Bool { bits == 0 || ipv4 == 0 }

    /// Whether it is this machine's own: `127.0.0.0/8` or `::1` (RFC 1122 §3.2.1.3, RFC 4291 §2.5.3).
    public var isLoopback: Bool { ipv4.map { $0 >> 24 == 127 } ?? (bits == 1) }

    /// `169.254.0.0/16` or `fe80::/10` (RFC 3927, RFC 4291 §2.5.6), which works with the name of an interface behind it alone.
    public var isLinkLocal: Bool { ipv4.map { $0 >> 16 == 0xA9FE } ?? (bits >> 118 == 0x3FA) }

    /// Whether it means the same to other machines.
    public var isReachable: Bool { !isLoopback && !isLinkLocal }

    public var description: String {
        guard let ipv4 else { return Self.text(of: bits) }
        return [24, 16, 8, 0].map { String((ipv4 >> $0) & 0xFF) }.joined(separator: ".")
    }

    /// RFC 5952 §4: without leading zeros, and with `::` in place of the first of the longest runs of two or more zero groups.
    private static func text(of bits: UInt128) -> String {
        let groups = stride(from: 112, through: 0, by: -16).map { UInt16(truncatingIfNeeded: bits >> UInt128($0)) }
        func written(_ groups: ArraySlice<UInt16>) -> String {
            groups.map { String($0, radix: 16) }.joined(separator: ":")
        }
        var longest = 0..<0
        var start: Int?
        for (index, group) in groups.enumerated() {
            guard group == 0 else {
                start = nil
                continue
            }
            let run = (start ?? index)..<(index + 1)
            start = run.lowerBound
            if run.count > longest.count { longest = run }
        }
        guard longest.count > 1 else { return written(groups[...]) }
        return "\(written(groups[..<longest.lowerBound]))::\(written(groups[longest.upperBound...]))"
    }
}
