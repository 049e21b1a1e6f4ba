import NIOCore
import StreamModel

extension IPAddress {
    /// The address of a socket's peer; nil for a Unix domain socket.
    public init?(_ address: SocketAddress?) {
        guard let address, address.protocol != .unix else { return nil }
        let isIPv4 = address.protocol == .inet
        // `sin_addr` and `sin6_addr` lie behind family and port, the latter also behind the flow label (POSIX.1,
        // <netinet/in.h>); systems differ only in the first two bytes.
        let bytes = unsafe address.withSockAddr { pointer, size in
            unsafe Array(
                UnsafeRawBufferPointer(start: pointer, count: size).dropFirst(isIPv4 ? 4 : 8).prefix(isIPv4 ? 4 : 16))
        }
        let value = bytes.reduce(UInt128(0)) { $0 << 8 | UInt128($1) }
        self = isIPv4 ? IPAddress(ipv4: UInt32(truncatingIfNeeded: value)) : IPAddress(bits: value)
    }

    /// Reads an address as text, without a zone.
    public init?(_ text: String) {
        guard let address = try? SocketAddress(ipAddress: text, port: 0) else { return nil }
        self.init(address)
    }

    /// Whether a host that a server listens on is reached from this machine alone: a loopback address, also in brackets as in
    /// a URL (RFC 3986 §3.2.2), or the name of one (RFC 6761 §6.3).
    public static func isLoopback(host: String) -> Bool {
        if host.lowercased() == "localhost" { return true }
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
        return IPAddress(isBracketed ? String(host.dropFirst().dropLast()) : host)?.isLoopback ?? false
    }

    /// The address as one of a socket of the given kind: an IPv6 socket reaches IPv4 peers by mapped addresses.
    ///
    /// - Returns: nil when an IPv4 socket can't reach it.
    public func socketAddress(port: UInt16, forIPv6Socket isIPv6Socket: Bool) -> SocketAddress? {
        if isIPv6Socket { return packed(port: port) }
        return isIPv4 ? try? SocketAddress(ipAddress: description, port: Int(port)) : nil
    }

    /// As an IPv6 address.
    private func packed(port: UInt16) -> SocketAddress? {
        var bytes = ByteBuffer()
        bytes.writeInteger(UInt64(truncatingIfNeeded: bits >> 64))
        bytes.writeInteger(UInt64(truncatingIfNeeded: bits))
        return try? SocketAddress(packedIPAddress: bytes, port: Int(port))
    }
}

/// A network in CIDR notation (RFC 4632), or a single address.
public struct IPNetwork: Hashable, Sendable, CustomStringConvertible {
    /// Any of its addresses.
    public let address: IPAddress
    /// Bits that count, of the 128 that ``IPAddress`` has.
    private let prefixLength: Int

    /// Reads `10.0.0.0/8`, `fd00::/8`, `127.0.0.1`; nil when it is none of these.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = parts.first.flatMap({ IPAddress(String($0)) }) else { return nil }
        self.address = address
        let unusedBits = address.isIPv4 ? 96 : 0
        if parts.count == 2 {
            guard let length = Int(parts[1]), (0...(128 - unusedBits)).contains(length) else { return nil }
            prefixLength = length + unusedBits
        } else {
            prefixLength = 128
        }
    }

    /// Whether an address belongs to it.
    public func contains(_ other: IPAddress) -> Bool {
        if prefixLength == 0 { return true }
        return (address.bits ^ other.bits) >> UInt128(128 - prefixLength) == 0
    }

    public var description: String { "\(address)/\(address.isIPv4 ? prefixLength - 96 : prefixLength)" }
}
