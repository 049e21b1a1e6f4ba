import NIOCore

/// The addresses of this machine's own network interfaces. Engines offer them to WebRTC viewers by themselves, and pages show
/// them.
public enum NetworkInterfaces {
    /// All of them, each with the name of its interface.
    public static var all: [(name: String, address: String)] {
        let devices = (try? NIOCore.System.enumerateDevices()) ?? []
        return devices.compactMap { device in device.address?.ipAddress.map { (device.name, $0) } }
    }

    /// Those that other machines may reach.
    static var addresses: [String] { all.map(\.address).filter(isReachable) }

    /// Whether an address means the same to other machines: it is neither a loopback one (RFC 1122, 3.2.1.3; RFC 4291, 2.5.3)
    /// nor one of a link (RFC 3927; RFC 4291, 2.5.6), which only works with the name of an interface behind it.
    public static func isReachable(_ address: String) -> Bool {
        let text = address.lowercased()
        return !["127.", "169.254.", "fe80:"].contains(where: text.hasPrefix) && text != "::1"
    }
}
