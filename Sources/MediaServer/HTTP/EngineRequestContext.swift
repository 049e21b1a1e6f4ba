import ConnectionLimits
import Hummingbird
import NIOCore

/// What a request needs to know of its connection.
struct EngineRequestContext: InitializableFromSource {
    var remoteAddress: SocketAddress?
    /// That of the connection.
    let eventLoop: any EventLoop
    /// nil without a connection.
    let client: RequestClient?

    init(source: ApplicationRequestContextSource) {
        remoteAddress = source.channel.remoteAddress
        eventLoop = source.channel.eventLoop
        client = RequestClient(on: source.channel)
    }

    init(remoteAddress: SocketAddress?, eventLoop: any EventLoop) {
        self.remoteAddress = remoteAddress
        self.eventLoop = eventLoop
        client = nil
    }

    /// `address:port`, for listings; empty for a Unix domain socket.
    var remoteAddressText: String { remoteAddress?.listed ?? "" }
}
