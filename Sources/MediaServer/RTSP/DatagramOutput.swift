import ConnectionLimits
import StreamModel

/// The way of one track to one UDP viewer.
final class DatagramOutput: DatagramWay {
    private let endpoint: RTPDatagramEndpoint
    private let peer: IPAddress
    private let rtcpPeer: DatagramPeer
    private let rtcpPort: UInt16
    private let packets: PacedDatagrams

    /// - Parameter onReport: called with each compound RTCP packet of the viewer.
    /// - Returns: nil when the sockets can't reach it, or somebody else has its port for reports.
    init?(
        endpoint: RTPDatagramEndpoint, peer: IPAddress, rtpPort: UInt16, rtcpPort: UInt16, clock: EngineClock,
        onReport: @escaping ([UInt8]) -> Void
    ) {
        guard
            let rtpPeer = endpoint.peer(peer, port: rtpPort),
            let rtcpPeer = endpoint.peer(peer, port: rtcpPort)
        else { return nil }
        self.endpoint = endpoint
        self.peer = peer
        self.rtcpPeer = rtcpPeer
        self.rtcpPort = rtcpPort
        packets = PacedDatagrams(clock: clock) { endpoint.send($0, to: rtpPeer) }
        guard endpoint.listen(.rtcp, to: peer, port: rtcpPort, onReport) else { return nil }
    }

    var queuedByteCount: Int { packets.queuedByteCount }

    func send(_ runs: [DatagramRun]) { packets.send(runs) }

    func send(report: [UInt8]) { endpoint.send(report: report, to: rtcpPeer) }

    func discard() { packets.discard() }

    func close() {
        discard()
        endpoint.stopListening(.rtcp, to: peer, port: rtcpPort)
    }
}
