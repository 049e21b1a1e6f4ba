import EngineContract
import StreamProtocols

extension WebRTCSession {
    var snapshot: ControlAPI.WebRTCSession {
        let now = clock.now
        return ControlAPI.WebRTCSession(
            id: id, created: created, remoteAddr: remoteAddress?.description ?? "",
            peerConnectionEstablished: isConnected, localCandidate: candidates.local,
            remoteCandidate: candidates.remote, state: "read",
            path: path.name, query: client.query, rtpPacketsSent: packetCount,
            // Whoever asks for packets again says so earlier than its reports do.
            rtpPacketsLost: max(feedback.lostCount, missedCount), rtpPacketsJitter: Double(jitter),
            rtcpPacketsReceived: transport.receivedControlCount, rtcpPacketsSent: transport.sentControlCount,
            bytesReceived: transport.inboundByteCount, bytesSent: outboundByteCount, rtpPacketsResent: resentCount,
            roundTripMilliseconds: feedback.roundTrip.map { $0 / .milliseconds(1) },
            bitsPerSecond: line.sentRate(at: now), lineBitsPerSecond: line.estimate, picturesLeftOut: leftOutCount)
    }
}
