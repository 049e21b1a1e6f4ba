import Foundation

extension PortAllocator {
    /// Asks the system by binding, on IPv4 and on IPv6.
    ///
    /// - Parameter exposed: whether the engine listens on every address instead of only on this machine's own.
    static func system(exposed: Bool) -> PortAllocator {
        PortAllocator(
            isFree: { port, kind in
                canBind(port, kind, AF_INET, exposed: exposed) && canBind(port, kind, AF_INET6, exposed: exposed)
            },
            systemAssigned: {
                var address = sockaddr_in()
                address.sin_family = sa_family_t(AF_INET)
                address.sin_addr.s_addr = in_addr_t(INADDR_LOOPBACK).bigEndian
                return withSocket(.tcp, AF_INET) { socket in
                    guard bind(socket, &address) else { return nil }
                    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
                    let result = unsafe withUnsafeMutableBytes(of: &address) {
                        unsafe getsockname(socket, $0.baseAddress?.assumingMemoryBound(to: sockaddr.self), &length)
                    }
                    return result == 0 ? Int(UInt16(bigEndian: address.sin_port)) : nil
                } ?? nil
            })
    }

    private static func canBind(_ port: Int, _ kind: PortKind, _ family: CInt, exposed: Bool) -> Bool {
        guard let number = in_port_t(exactly: port) else { return false }
        let bound: Bool? = withSocket(kind, family) { socket in
            if family == AF_INET {
                var address = sockaddr_in()
                address.sin_family = sa_family_t(AF_INET)
                address.sin_port = number.bigEndian
                address.sin_addr.s_addr = exposed ? INADDR_ANY : in_addr_t(INADDR_LOOPBACK).bigEndian
                return bind(socket, &address)
            }
            var only = CInt(1)
            unsafe setsockopt(socket, CInt(IPPROTO_IPV6), IPV6_V6ONLY, &only, socklen_t(MemoryLayout<CInt>.size))
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            address.sin6_port = number.bigEndian
            address.sin6_addr = exposed ? in6addr_any : in6addr_loopback
            return bind(socket, &address)
        }
        // A machine without IPv6 has no IPv6 port that could be taken.
        return bound ?? (family == AF_INET6)
    }

    /// Nil when there is no such socket on this machine.
    private static func withSocket<Result>(_ kind: PortKind, _ family: CInt, _ body: (CInt) -> Result) -> Result? {
        #if canImport(Glibc)
            let type = CInt((kind == .tcp ? SOCK_STREAM : SOCK_DGRAM).rawValue) | CInt(SOCK_CLOEXEC.rawValue)
        #else
            let type = kind == .tcp ? SOCK_STREAM : SOCK_DGRAM
        #endif
        let socket = socket(family, type, 0)
        guard socket >= 0 else { return nil }
        defer { close(socket) }
        if kind == .tcp {
            // As the engine does: connections of the last one that are in TIME_WAIT don't hold a port.
            var reuse = CInt(1)
            unsafe setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &reuse, socklen_t(MemoryLayout<CInt>.size))
        }
        return body(socket)
    }

    private static func bind<Address>(_ socket: CInt, _ address: inout Address) -> Bool {
        let result = unsafe withUnsafeBytes(of: &address) { bytes in
            unsafe bytes.baseAddress.map {
                unsafe Foundation.bind(socket, $0.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count))
            }
        }
        // An address family that is switched off counts as free, like one that is missing.
        return result == 0 || errno == EADDRNOTAVAIL
    }
}
