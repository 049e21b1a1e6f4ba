import NIOCore

/// Gives what comes to a UDP socket to whoever it belongs to.
final class DatagramReceiver: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>

    private let receive: (ByteBuffer, SocketAddress) -> Void

    init(_ receive: @escaping (ByteBuffer, SocketAddress) -> Void) { self.receive = receive }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let envelope = unwrapInboundIn(data)
        guard envelope.data.readableBytes <= DatagramBinding.packetLimit else { return }
        receive(envelope.data, envelope.remoteAddress)
    }

    // A peer that refuses packets is no reason to close the socket of all others.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {}
}
