import NIOCore
import StreamModel

/// Who counts as one client: an IPv4 address, or an IPv6 /64, which is the least that one household or one attacker has
/// (RFC 6177 §2).
public struct ClientNetwork: Hashable, Sendable {
    /// The 64 bits of an IPv6 prefix, or the 32 of an IPv4 address.
    private let prefix: UInt64
    private let isIPv4: Bool

    /// Whether it is this machine: `127.0.0.0/8` or `::1`. A proxy in front of us comes from there with everybody behind it.
    public let isLoopback: Bool

    /// Nil for a Unix domain socket, and for a proxy, whose address all clients behind it share.
    public init?(_ address: SocketAddress?, proxies: [IPNetwork] = []) {
        guard let address = IPAddress(address), !proxies.contains(where: { $0.contains(address) }) else { return nil }
        self.init(address)
    }

    public init(_ address: IPAddress) {
        isIPv4 = address.isIPv4
        isLoopback = address.isLoopback
        prefix =
            isIPv4 ? UInt64(address.bits & 0xFFFF_FFFF) : UInt64(truncatingIfNeeded: address.bits >> 64)
    }
}
