import ConnectionLimits
import NIOCore
import StreamModel

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

    /// Whether a name or an address, which may have the name of an interface behind it, means the same to other machines.
    public static func isReachable(_ host: String) -> Bool {
        IPAddress(String(host.prefix { $0 != "%" }))?.isReachable ?? true
    }
}
