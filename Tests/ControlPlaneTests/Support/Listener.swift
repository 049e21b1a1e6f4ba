import Foundation

/// Takes a TCP port of 127.0.0.1.
struct Listener {
    private let socket: CInt

    init(port: Int) throws {
        socket = Foundation.socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(INADDR_LOOPBACK).bigEndian
        let result = withUnsafeBytes(of: &address) { raw in
            Foundation.bind(socket, raw.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t(raw.count))
        }
        guard result == 0, listen(socket, 1) == 0 else { throw POSIXError(.EADDRINUSE) }
    }

    func close() { Foundation.close(socket) }
}
