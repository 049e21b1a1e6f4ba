import ConnectionLimits
import StreamModel

/// The way of one track to one UDP viewer.
final class DatagramOutput {
    private let endpoint: RTPDatagramEndpoint
    private let peer: IPAddress
    private let rtpPeer: DatagramPeer
    private let rtcpPeer: DatagramPeer
    private let rtcpPort: UInt16
    private let clock: EngineClock
    private var pacer = DatagramPacer()
    private var timer: LoopTimer?

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
        self.rtpPeer = rtpPeer
        self.rtcpPeer = rtcpPeer
        self.rtcpPort = rtcpPort
        self.clock = clock
        guard endpoint.listen(.rtcp, to: peer, port: rtcpPort, onReport) else { return nil }
    }

    /// Bytes that wait for their turn, or for room in the system.
    var queuedByteCount: Int { pacer.queuedByteCount }

    func send(_ runs: [DatagramRun]) {
        pacer.append(runs)
        drain()
    }

    func send(report: [UInt8]) { endpoint.send(report: report, to: rtcpPeer) }

    private func drain() {
        let delay = pacer.drain(now: clock.now) { endpoint.send($0, to: rtpPeer) }
        guard let delay, timer == nil else { return }
        timer = clock.schedule(after: delay) { [weak self] in
            guard let self else { return }
            timer = nil
            drain()
        }
    }

    func discard() {
        timer?.cancel()
        timer = nil
        pacer.removeAll()
    }

    func close() {
        discard()
        endpoint.stopListening(.rtcp, to: peer, port: rtcpPort)
    }
}
