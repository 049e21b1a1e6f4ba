import NIOCore
import StreamProtocols

/// A way to one address of a viewer, by UDP or by TCP. It sends on any event loop, mostly on the viewer's.
protocol WebRTCRoute: AnyObject, Sendable {
    /// `udp` or `tcp`
    var name: String { get }
    /// More waits for it than may; packets would only get old.
    var isCongested: Bool { get }
    /// Sends packets.
    ///
    /// - Returns: the bytes of those that are done with; for the others there is no room now.
    func send(_ run: DatagramRun) -> Int
    /// Sends what still waits of what was given to ``send(_:)``.
    func flush()

    // MARK: On the engine's event loop

    /// Of ours.
    var localPort: Int { get }
    /// The viewer has proven that it is there: what comes from there is its session's.
    func assign(to transport: WebRTCTransport)
    /// It is that session's no longer.
    func release(from transport: WebRTCTransport)
}

extension WebRTCRoute {
    /// Sends a packet that is repeated when it gets lost, and needs not wait for room.
    func send(repeatable packet: [UInt8]) {
        _ = send(DatagramRun(ByteBuffer(bytes: packet)))
    }
}

/// A way by the UDP socket that all viewers share.
///
/// Unchecked: the port is used on the engine's event loop alone. What changes of the peer is used where several packets are sent
/// at once, which is the viewer's event loop alone: what ICE and DTLS send comes one by one (``DatagramSender/send(_:to:)``).
final class WebRTCDatagramRoute: WebRTCRoute, @unchecked Sendable {
    private let port: WebRTCPort
    private let sender: DatagramSender
    private let source: TransportAddress
    private let peer: DatagramPeer

    init(_ port: WebRTCPort, source: TransportAddress, remote: SocketAddress) {
        self.port = port
        self.source = source
        sender = port.sender
        peer = DatagramPeer(remote)
    }

    let name = "udp"
    /// What there is no room for stays with the viewer.
    let isCongested = false
    func send(_ run: DatagramRun) -> Int { sender.send(run, to: peer) }
    func flush() {}

    var localPort: Int { port.number }
    func assign(to transport: WebRTCTransport) { port.assign(source, to: transport) }
    func release(from transport: WebRTCTransport) { port.release(source, of: transport) }
}
