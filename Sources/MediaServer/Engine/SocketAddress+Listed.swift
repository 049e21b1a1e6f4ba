import ConnectionLimits
import NIOCore
import StreamModel

extension SocketAddress {
    /// `address:port`, for listings; nil of a Unix domain socket.
    var listed: String? {
        guard let address = IPAddress(self), let port else { return nil }
        return URLAuthority.text("\(address)", port: port)
    }
}
