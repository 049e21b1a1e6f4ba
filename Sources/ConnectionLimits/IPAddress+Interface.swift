import NIOCore
import StreamModel

extension IPAddress {
    /// The IPv4 address of one of this machine's network interfaces now; nil when it has no such interface, or that no address.
    ///
    /// - Parameter text: the interface's name or its address.
    public init?(ofInterface text: String) {
        let devices = (try? NIOCore.System.enumerateDevices()) ?? []
        for device in devices {
            guard let address = IPAddress(device.address), address.isIPv4 else { continue }
            if device.name == text || address.description == text {
                self = address
                return
            }
        }
        return nil
    }
}
