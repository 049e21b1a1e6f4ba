import NIOCore
import StreamModel

/// One of this machine's addresses, and the network interface that has it.
public struct InterfaceAddress: Hashable, Sendable {
    public var address: IPAddress
    /// The same for a socket of its family, at port 0: with the interface where a link-local address needs it.
    public var socketAddress: SocketAddress
    /// The system's number of the interface; 0 when it is not known.
    public var interfaceIndex: Int

    public init(address: IPAddress, socketAddress: SocketAddress, interfaceIndex: Int) {
        self.address = address
        self.socketAddress = socketAddress
        self.interfaceIndex = interfaceIndex
    }

    /// An address of one of this machine's network interfaces now, one that is not link-local where it has such a one; nil when there
    /// is no such interface, or it has no address of that kind.
    ///
    /// - Parameter text: the interface's name or one of its addresses.
    public init?(ofInterface text: String, isIPv4: Bool) {
        let devices = (try? NIOCore.System.enumerateDevices()) ?? []
        // An address of IPv6 has more than one text.
        let wanted = IPAddress(text)
        let names = Set(
            devices.filter { $0.name == text || wanted != nil && IPAddress($0.address) == wanted }.map(\.name))
        var candidates: [InterfaceAddress] = []
        for device in devices where names.contains(device.name) {
            guard let socketAddress = device.address, let address = IPAddress(socketAddress),
                address.isIPv4 == isIPv4
            else { continue }
            candidates.append(
                InterfaceAddress(
                    address: address, socketAddress: socketAddress, interfaceIndex: device.interfaceIndex))
        }
        let named = candidates.first { $0.address == wanted }
        guard let best = named ?? candidates.first(where: { !$0.address.isLinkLocal }) ?? candidates.first else {
            return nil
        }
        self = best
    }

    /// Whether this machine has an address now; true where it can't be asked.
    public static func exists(_ address: IPAddress) -> Bool {
        guard let devices = try? NIOCore.System.enumerateDevices() else { return true }
        return devices.contains { IPAddress($0.address) == address }
    }
}
