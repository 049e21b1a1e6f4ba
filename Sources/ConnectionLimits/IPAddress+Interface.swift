import NIOCore
import StreamModel

extension IPAddress {
    /// The IPv4 address of one of this machine's network interfaces now; nil when it has no such interface, or that no address.
    ///
    /// - Parameter text: the interface's name or its address.
    public static func ofInterface(_ text: String) -> IPAddress? {
        for device in (try? NIOCore.System.enumerateDevices()) ?? [] {
            guard let address = IPAddress(device.address), address.isIPv4 else { continue }
            if device.name == text || address.description == text { return address }
        }
        return nil
    }
}
