import ConnectionLimits
import NIOCore
import NIOPosix
import StreamModel

/// The engine's two UDP sockets, for RTP and for RTCP, which all UDP viewers and publishers share.
///
/// Confined to the engine's event loop.
final class RTPDatagramEndpoint {
    enum Kind {
        case rtp, rtcp
    }

    private let rtp: any Channel
    private let rtcp: any Channel
    private let usesIPv6: Bool
    private var listeners: [Peer: ([UInt8]) -> Void] = [:]

    private struct Peer: Hashable {
        var kind: Kind
        var address: IPAddress
        var port: UInt16
    }

    init(rtp: any Channel, rtcp: any Channel) {
        self.rtp = rtp
        self.rtcp = rtcp
        usesIPv6 = rtp.localAddress?.protocol == .inet6
    }

    var ports: (rtp: UInt16, rtcp: UInt16) {
        (UInt16(clamping: rtp.localAddress?.port ?? 0), UInt16(clamping: rtcp.localAddress?.port ?? 0))
    }

    /// More is waiting for the sockets than may; packets would only get old.
    var isCongested: Bool { !rtp.isWritable }

    /// The address of a client's port in the form that the sockets need; nil when they can't reach it.
    func address(_ address: IPAddress, port: UInt16) -> SocketAddress? {
        address.socketAddress(port: port, forIPv6Socket: usesIPv6)
    }

    func send(_ packet: ByteBuffer, to address: SocketAddress) {
        rtp.write(AddressedEnvelope(remoteAddress: address, data: packet), promise: nil)
    }

    func sendReport(_ packet: ByteBuffer, to address: SocketAddress) {
        rtcp.writeAndFlush(AddressedEnvelope(remoteAddress: address, data: packet), promise: nil)
    }

    /// Sends what was given to ``send(_:to:)``, many packets by one system call.
    func flush() { rtp.flush() }

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
            packet.readableBytes <= DatagramBinding.packetLimit,
            let listener = listeners[Peer(kind: kind, address: address, port: UInt16(clamping: port))]
        else { return }
        listener([UInt8](packet.readableBytesView))
    }

    /// Begins to hear what clients send.
    func startListening() throws {
        try rtp.pipeline.syncOperations.addHandler(
            DatagramReceiver { [weak self] in self?.received($0, .rtp, from: $1) })
        try rtcp.pipeline.syncOperations.addHandler(
            DatagramReceiver { [weak self] in self?.received($0, .rtcp, from: $1) })
    }

    func close() {
        listeners = [:]
        rtp.close(promise: nil)
        rtcp.close(promise: nil)
    }
}
