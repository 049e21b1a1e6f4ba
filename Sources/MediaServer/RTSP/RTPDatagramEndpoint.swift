import ConnectionLimits
import NIOCore
import StreamModel

/// The engine's two UDP sockets, for RTP and for RTCP, which all UDP viewers and publishers share.
///
/// Confined to the engine's event loop.
final class RTPDatagramEndpoint {
    enum Kind {
        case rtp, rtcp
    }

    private let rtp: DatagramSocket
    private let rtcp: DatagramSocket
    private let usesIPv6: Bool
    private var listeners: [Peer: ([UInt8]) -> Void] = [:]

    private struct Peer: Hashable {
        var kind: Kind
        var address: IPAddress
        var port: UInt16
    }

    init(rtp: DatagramSocket, rtcp: DatagramSocket) {
        self.rtp = rtp
        self.rtcp = rtcp
        usesIPv6 = rtp.channel.localAddress?.protocol == .inet6
    }

    var ports: (rtp: UInt16, rtcp: UInt16) {
        (UInt16(clamping: rtp.port), UInt16(clamping: rtcp.port))
    }

    /// A client's port, as the sockets know it; nil when they can't reach it.
    func peer(_ address: IPAddress, port: UInt16) -> DatagramPeer? {
        address.socketAddress(port: port, forIPv6Socket: usesIPv6).map { DatagramPeer($0) }
    }

    /// Sends packets of RTP.
    ///
    /// - Returns: the bytes of those that are done with; for the others the system has no room now.
    func send(_ run: DatagramRun, to peer: DatagramPeer) -> Int { rtp.send(run, to: peer) }

    /// Sends a compound RTCP packet. One that there is no room for is lost: the next one tells the same.
    func send(report: [UInt8], to peer: DatagramPeer) {
        _ = rtcp.send(DatagramRun(ByteBuffer(bytes: report)), to: peer)
    }

    /// Calls `body` with each packet that comes from a client's port. What comes from anywhere else is nobody's.
    ///
    /// - Returns: false when somebody listens to that port already: nobody takes another's packets away.
    func listen(_ kind: Kind, to address: IPAddress, port: UInt16, _ body: @escaping ([UInt8]) -> Void) -> Bool {
        let peer = Peer(kind: kind, address: address, port: port)
        guard listeners[peer] == nil else { return false }
        listeners[peer] = body
        return true
    }

    func stopListening(_ kind: Kind, to address: IPAddress, port: UInt16) {
        listeners[Peer(kind: kind, address: address, port: port)] = nil
    }

    private func received(_ packet: ByteBuffer, _ kind: Kind, from remote: SocketAddress) {
        guard let address = IPAddress(remote), let port = remote.port,
            let listener = listeners[Peer(kind: kind, address: address, port: UInt16(clamping: port))]
        else { return }
        listener([UInt8](packet.readableBytesView))
    }

    /// Begins to hear what clients send.
    func startListening() throws {
        try rtp.startListening { [weak self] in self?.received($0, .rtp, from: $1) }
        try rtcp.startListening { [weak self] in self?.received($0, .rtcp, from: $1) }
    }

    func close() {
        listeners = [:]
        rtp.close()
        rtcp.close()
    }
}
