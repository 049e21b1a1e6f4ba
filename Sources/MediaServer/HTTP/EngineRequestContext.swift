import ConnectionLimits
import Hummingbird
import NIOCore
import StreamModel

/// What a request needs to know of its connection.
struct EngineRequestContext: InitializableFromSource {
    var remoteAddress: SocketAddress?

    init(source: ApplicationRequestContextSource) {
        remoteAddress = source.channel.remoteAddress
    }

    init(remoteAddress: SocketAddress?) {
        self.remoteAddress = remoteAddress
    }

    /// `address:port`, for listings; empty for a Unix domain socket.
    var remoteAddressText: String {
        guard let ip = IPAddress(remoteAddress), let port = remoteAddress?.port else { return "" }
        return ip.isIPv4 ? "\(ip):\(port)" : "[\(ip)]:\(port)"
    }
}
