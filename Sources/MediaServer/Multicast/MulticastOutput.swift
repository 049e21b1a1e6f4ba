import NIOCore

/// The way of one track to the group that its stream is sent to.
final class MulticastOutput: DatagramWay {
    private let sender: DatagramSender
    private let rtcpPeer: DatagramPeer
    private let packets: PacedDatagrams

    init(sender: DatagramSender, rtp: SocketAddress, rtcp: SocketAddress, clock: EngineClock) {
        self.sender = sender
        rtcpPeer = DatagramPeer(rtcp)
        let rtpPeer = DatagramPeer(rtp)
        packets = PacedDatagrams(clock: clock) { sender.send($0, to: rtpPeer) }
    }

    var queuedByteCount: Int { packets.queuedByteCount }

    func send(_ runs: [DatagramRun]) { packets.send(runs) }

    /// One that there is no room for is lost: the next one tells the same.
    func send(report: [UInt8]) { _ = sender.send(DatagramRun(ByteBuffer(bytes: report)), to: rtcpPeer) }

    func discard() { packets.discard() }

    func close() { discard() }
}
