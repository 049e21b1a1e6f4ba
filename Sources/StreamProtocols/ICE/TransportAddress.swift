import StreamModel

/// An IP address with a port.
public struct TransportAddress: Hashable, Sendable, CustomStringConvertible {
    public var address: IPAddress
    public var port: UInt16

    public init(_ address: IPAddress, port: UInt16) {
        self.address = address
        self.port = port
    }

    /// - Parameter bits: as ``IPAddress`` has them.
    init(bits: UInt128, port: UInt16) { self.init(IPAddress(bits: bits), port: port) }

    public var description: String { URLAuthority.text("\(address)", port: port) }
}
