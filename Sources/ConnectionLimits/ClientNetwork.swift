import NIOCore

/// Who counts as one client: an IPv4 address, or an IPv6 /64, which is the least that one household or one attacker has
/// (RFC 6177 §2).
///
/// An IPv4 address that comes mapped into IPv6 (RFC 4291 §2.5.5.2) is the same client as the plain one.
public struct ClientNetwork: Hashable, Sendable {
    /// The 64 bits of an IPv6 prefix, or the 32 of an IPv4 address.
    private let prefix: UInt64
    private let isIPv4: Bool

    /// Nil for a Unix domain socket.
    public init?(_ address: SocketAddress?) {
        guard let address, address.protocol != .unix else { return nil }
        let isIPv4 = address.protocol == .inet
        // `sin_addr` and `sin6_addr` lie behind family and port, the latter also behind the flow label (POSIX.1,
        // <netinet/in.h>); systems differ only in the first two bytes.
        let bytes = address.withSockAddr { pointer, size in
            Array(UnsafeRawBufferPointer(start: pointer, count: size).dropFirst(isIPv4 ? 4 : 8).prefix(isIPv4 ? 4 : 16))
        }
        let isMapped = !isIPv4 && bytes.dropLast(4) == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]
        self.isIPv4 = isIPv4 || isMapped
        prefix = (isMapped ? bytes.suffix(4) : bytes.prefix(8)).reduce(0) { $0 << 8 | UInt64($1) }
        isLoopback = self.isIPv4 ? prefix >> 24 == 127 : bytes == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]
    }

    /// Whether it is this machine: `127.0.0.0/8` or `::1`. A proxy in front of us comes from there with everybody behind it.
    public let isLoopback: Bool
}
