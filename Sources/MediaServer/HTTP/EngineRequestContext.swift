import ConnectionLimits
import Hummingbird
import NIOCore
import StreamModel

/// What a request needs to know of its connection.
struct EngineRequestContext: InitializableFromSource {
    var remoteAddress: SocketAddress?
    /// That of the connection.
    let eventLoop: any EventLoop

    init(source: ApplicationRequestContextSource) {
        remoteAddress = source.channel.remoteAddress
        eventLoop = source.channel.eventLoop
    }

    init(remoteAddress: SocketAddress?, eventLoop: any EventLoop) {
        self.remoteAddress = remoteAddress
        self.eventLoop = eventLoop
    }

    /// `address:port`, for listings; empty for a Unix domain socket.
    var remoteAddressText: String {
        guard let ip = IPAddress(remoteAddress), let port = remoteAddress?.port else { return "" }
        return ip.isIPv4 ? "\(ip):\(port)" : "[\(ip)]:\(port)"
    }
}
