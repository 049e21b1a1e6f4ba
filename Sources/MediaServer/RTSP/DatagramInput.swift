import ConnectionLimits
import StreamModel
import StreamProtocols

/// The way of one track from a UDP publisher: takes what comes from its two ports alone, in order, and reports how it came.
///
/// Confined to the engine's event loop.
final class DatagramInput {
    /// What came.
    enum Delivery {
        case packets([RTPPacket], byteCount: Int)
        case unusable(RTPPacketError, byteCount: Int)
        case report([UInt8])
    }

    private let endpoint: RTPDatagramEndpoint
    private let peer: IPAddress
    private let ports: RTSPTransport.PortPair
    private let rtcpPeer: DatagramPeer
    private let clock: EngineClock
    private let deliver: (Delivery) -> Void
    private var reorderer = RTPReorderer()
    private var statistics: RTPReceptionStatistics
    private var timer: LoopTimer?

    /// - Returns: nil when the sockets can't reach it, or somebody else sends from one of its ports already.
    init?(
        endpoint: RTPDatagramEndpoint, peer: IPAddress, ports: RTSPTransport.PortPair, clockRate: UInt32,
        clock: EngineClock, deliver: @escaping (Delivery) -> Void
    ) {
        guard let rtcpPeer = endpoint.peer(peer, port: ports.rtcp) else { return nil }
        self.endpoint = endpoint
        self.peer = peer
        self.ports = ports
        self.rtcpPeer = rtcpPeer
        self.clock = clock
        self.deliver = deliver
        statistics = RTPReceptionStatistics(clockRate: clockRate)
        guard endpoint.listen(.rtp, to: peer, port: ports.rtp, { [weak self] in self?.receive(packet: $0) }) else {
            return nil
        }
        guard endpoint.listen(.rtcp, to: peer, port: ports.rtcp, { [weak self] in self?.receive(report: $0) }) else {
            endpoint.stopListening(.rtp, to: peer, port: ports.rtp)
            return nil
        }
    }

    private func receive(packet bytes: [UInt8]) {
        do throws(RTPPacketError) {
            let packet = try RTPPacket(parsing: bytes)
            statistics.received(packet, at: clock.now)
            deliver(.packets(reorderer.insert(packet, at: clock.now), byteCount: bytes.count))
            watchGap()
        } catch {
            deliver(.unusable(error, byteCount: bytes.count))
        }
    }

    /// Goes on without a packet that does not come, also when nothing else comes.
    private func watchGap() {
        guard timer == nil, let deadline = reorderer.deadline else { return }
        timer = clock.schedule(after: max(deadline - clock.now, .zero)) { [weak self] in
            guard let self else { return }
            timer = nil
            deliver(.packets(reorderer.expire(at: clock.now), byteCount: 0))
            watchGap()
        }
    }

    private func receive(report bytes: [UInt8]) {
        for case .senderReport(let report) in (try? RTCPPacket.parseCompound(bytes)) ?? [] {
            statistics.received(report, at: clock.now)
        }
        deliver(.report(bytes))
    }

    /// What is to be reported now; nil before the first packet.
    func reportBlock() -> RTCPReportBlock? { statistics.reportBlock(at: clock.now) }

    func send(report: [UInt8]) { endpoint.send(report: report, to: rtcpPeer) }

    func close() {
        timer?.cancel()
        timer = nil
        endpoint.stopListening(.rtp, to: peer, port: ports.rtp)
        endpoint.stopListening(.rtcp, to: peer, port: ports.rtcp)
    }
}
