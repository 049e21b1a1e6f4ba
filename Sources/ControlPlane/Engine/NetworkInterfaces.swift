import NIOCore

/// The addresses of this machine's own network interfaces, which engines offer to WebRTC viewers by themselves.
enum NetworkInterfaces {
    /// Those that other machines may reach.
    static var addresses: [String] {
        let devices = (try? NIOCore.System.enumerateDevices()) ?? []
        return devices.compactMap { $0.address?.ipAddress }.filter(isReachable)
    }

    /// Whether an address means the same to other machines: it is neither a loopback one (RFC 1122, 3.2.1.3; RFC 4291, 2.5.3)
    /// nor one of a link (RFC 3927; RFC 4291, 2.5.6).
    static func isReachable(_ address: String) -> Bool {
        let text = address.lowercased()
        return !["127.", "169.254.", "fe80:"].contains(where: text.hasPrefix) && text != "::1"
    }
}
