import EngineContract
import StreamProtocols

extension WebRTCSession {
    func snapshot(_ figures: WebRTCSender.Figures) -> ControlAPI.WebRTCSession {
        ControlAPI.WebRTCSession(
            id: id, created: created, remoteAddr: remoteAddress?.description ?? "",
            peerConnectionEstablished: isConnected, localCandidate: candidates.local,
            remoteCandidate: candidates.remote, state: "read",
            path: path.name, query: client.query, rtpPacketsSent: figures.packetCount,
            rtpPacketsLost: figures.lostCount, rtpPacketsJitter: Double(figures.jitter),
            rtcpPacketsReceived: transport.receivedControlCount, rtcpPacketsSent: figures.sentControlCount,
            bytesReceived: transport.inboundByteCount, bytesSent: figures.byteCount,
            rtpPacketsResent: figures.resentCount,
            roundTripMilliseconds: figures.roundTrip.map { $0 / .milliseconds(1) },
            bitsPerSecond: figures.bitsPerSecond, lineBitsPerSecond: figures.lineBitsPerSecond,
            picturesLeftOut: figures.leftOutCount)
    }
}
