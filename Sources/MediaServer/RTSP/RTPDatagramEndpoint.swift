import ConnectionLimits
import NIOCore
import NIOPosix

/// The engine's two UDP sockets, for RTP and for RTCP, which all UDP viewers share.
///
/// Confined to the engine's event loop.
final class RTPDatagramEndpoint {
    private let rtp: any Channel
    private let rtcp: any Channel
    private let usesIPv6: Bool
    private var listeners: [Peer: ([UInt8]) -> Void] = [:]

    private struct Peer: Hashable {
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

    /// The address of a viewer's port in the form that the sockets need; nil when they can't reach it.
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

    /// Calls `body` with each packet that comes from a viewer's RTCP port.
    func listen(to address: IPAddress, port: UInt16, _ body: @escaping ([UInt8]) -> Void) {
        listeners[Peer(address: address, port: port)] = body
    }

    func stopListening(to address: IPAddress, port: UInt16) {
        listeners[Peer(address: address, port: port)] = nil
    }

    fileprivate func received(_ packet: ByteBuffer, from remote: SocketAddress) {
        guard let address = IPAddress(remote), let port = remote.port,
            let listener = listeners[Peer(address: address, port: UInt16(clamping: port))]
        else { return }
        listener([UInt8](packet.readableBytesView))
    }

    /// Begins to hear what viewers send.
    func startListening() throws {
        try rtcp.pipeline.syncOperations.addHandler(ReportHandler(endpoint: self))
    }

    func close() {
        listeners = [:]
        rtp.close(promise: nil)
        rtcp.close(promise: nil)
    }

    private final class ReportHandler: ChannelInboundHandler {
        typealias InboundIn = AddressedEnvelope<ByteBuffer>

        private weak var endpoint: RTPDatagramEndpoint?

        init(endpoint: RTPDatagramEndpoint) { self.endpoint = endpoint }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let envelope = unwrapInboundIn(data)
            endpoint?.received(envelope.data, from: envelope.remoteAddress)
        }

        // A peer that refuses packets is no reason to close the socket of all others.
        func errorCaught(context: ChannelHandlerContext, error: any Error) {}
    }
}
