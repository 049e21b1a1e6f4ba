/// An IP address with a port.
public struct TransportAddress: Hashable, Sendable, CustomStringConvertible {
    /// The 128 bits, with IPv4 in its mapped form (RFC 4291 §2.5.5.2), so that one peer is one value on sockets of both kinds.
    public var bits: UInt128
    public var port: UInt16

    private static let mappedPrefix: UInt128 = 0xFFFF << 32

    public init(bits: UInt128, port: UInt16) {
        self.bits = bits
        self.port = port
    }

    /// nil for IPv6.
    var ipv4: UInt32? { bits >> 32 == Self.mappedPrefix >> 32 ? UInt32(truncatingIfNeeded: bits) : nil }

    /// The address without its port; of IPv6 all eight groups are written, which every reader takes (RFC 4291 §2.2).
    public var ipAddress: String {
        if let ipv4 {
            return [24, 16, 8, 0].map { String((ipv4 >> $0) & 0xFF) }.joined(separator: ".")
        }
        return stride(from: 112, through: 0, by: -16)
            .map { String((bits >> UInt128($0)) & 0xFFFF, radix: 16) }
            .joined(separator: ":")
    }

    public var description: String { ipv4 == nil ? "[\(ipAddress)]:\(port)" : "\(ipAddress):\(port)" }
}
