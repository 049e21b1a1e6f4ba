import NIOCore
import StreamModel

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Where a listener listens, as the configuration writes it: `host:port`, `[::1]:port`, or `:port` for every address.
struct ListenAddress: Equatable, Sendable, CustomStringConvertible {
    /// nil for every address.
    var host: String?
    /// 0 picks a free one.
    var port: Int

    /// - Throws: ``MediaServerError/badAddress(key:value:)``
    init(_ text: String, key: String) throws(MediaServerError) {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            throw .badAddress(key: key, value: text)
        }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        self.host = host.isEmpty ? nil : String(host)
        self.port = Int(port)
    }

    /// The host to bind: for every address `::`, which takes IPv4 as well, or `0.0.0.0` on a machine without IPv6.
    var bindHost: String { host ?? (Self.isIPv6Available ? "::" : "0.0.0.0") }

    var description: String { URLAuthority.text(host ?? "", port: port) }

    private static let isIPv6Available: Bool = {
        #if canImport(Glibc)
            let type = Int32(SOCK_STREAM.rawValue)
        #else
            let type = SOCK_STREAM
        #endif
        let descriptor = socket(AF_INET6, type, 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        // IPv6 may be compiled in and switched off; then only binding tells.
        guard let everyAddress = try? SocketAddress(ipAddress: "::", port: 0) else { return false }
        return unsafe everyAddress.withSockAddr { unsafe bind(descriptor, $0, socklen_t($1)) == 0 }
    }()
}
