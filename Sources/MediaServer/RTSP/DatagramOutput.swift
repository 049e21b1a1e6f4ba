import ConnectionLimits
import NIOCore
import StreamModel

/// The way of one track to one UDP viewer.
final class DatagramOutput {
    private let endpoint: RTPDatagramEndpoint
    private let peer: IPAddress
    private let rtpAddress: SocketAddress
    private let rtcpAddress: SocketAddress
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
            let rtpAddress = endpoint.address(peer, port: rtpPort),
            let rtcpAddress = endpoint.address(peer, port: rtcpPort)
        else { return nil }
        self.endpoint = endpoint
        self.peer = peer
        self.rtpAddress = rtpAddress
        self.rtcpAddress = rtcpAddress
        self.rtcpPort = rtcpPort
        self.clock = clock
        guard endpoint.listen(.rtcp, to: peer, port: rtcpPort, onReport) else { return nil }
    }

    /// The sockets, which all viewers share, take no more.
    var isCongested: Bool { endpoint.isCongested }

    /// Bytes that wait for their turn.
    var queuedByteCount: Int { pacer.queuedByteCount }

    func send(_ datagrams: [ByteBuffer]) {
        pacer.append(datagrams.map { DatagramRun($0) })
        drain()
    }

    func sendReport(_ report: [UInt8]) {
        endpoint.sendReport(ByteBuffer(bytes: report), to: rtcpAddress)
    }

    func flush() { endpoint.flush() }

    private func drain() {
        let delay = pacer.drain(now: clock.now) { run in
            for datagram in run.packets { endpoint.send(datagram, to: rtpAddress) }
            return run.byteCount
        }
        guard let delay, timer == nil else { return }
        timer = clock.schedule(after: delay) { [weak self] in
            guard let self else { return }
            timer = nil
            drain()
            flush()
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
