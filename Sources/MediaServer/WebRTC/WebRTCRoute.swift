import NIOCore
import StreamProtocols

/// A way to one address of a viewer, by UDP or by TCP. Confined to the engine's event loop.
protocol WebRTCRoute: AnyObject {
    /// `udp` or `tcp`
    var name: String { get }
    /// Of ours.
    var localPort: Int { get }
    /// More waits for it than may; packets would only get old.
    var isCongested: Bool { get }
    func send(_ packet: ByteBuffer)
    /// Sends what was given to ``send(_:)``.
    func flush()
    /// The viewer has proven that it is there: what comes from there is its session's.
    func assign(to transport: WebRTCTransport)
    /// It is that session's no longer.
    func release(from transport: WebRTCTransport)
}

/// A way by the UDP socket that all viewers share.
final class WebRTCDatagramRoute: WebRTCRoute {
    private let port: WebRTCPort
    private let source: TransportAddress
    private let remote: SocketAddress

    init(_ port: WebRTCPort, source: TransportAddress, remote: SocketAddress) {
        self.port = port
        self.source = source
        self.remote = remote
    }

    let name = "udp"
    var localPort: Int { port.number }
    var isCongested: Bool { port.isCongested }
    func send(_ packet: ByteBuffer) { port.send(packet, to: remote) }
    func flush() { port.flush() }
    func assign(to transport: WebRTCTransport) { port.assign(source, to: transport) }
    func release(from transport: WebRTCTransport) { port.release(source, of: transport) }
}
