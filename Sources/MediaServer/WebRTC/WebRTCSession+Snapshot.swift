import ConnectionLimits
import EngineContract
import StreamModel
import StreamProtocols

extension WebRTCSession {
    /// As MediaMTX lists it, with what it does not tell.
    var snapshot: ControlAPI.WebRTCSession {
        func candidate(_ address: String?, _ port: Int?) -> String {
            guard let route, let address, let port else { return "" }
            return "host/\(route.name)/\(address)/\(port)"
        }
        let now = clock.now
        return ControlAPI.WebRTCSession(
            id: id, created: created, remoteAddr: remoteAddress?.description ?? "",
            peerConnectionEstablished: isConnected,
            localCandidate: candidate(localHost?.description, route?.localPort),
            remoteCandidate: candidate(remoteAddress?.address.description, remoteAddress.map { Int($0.port) }),
            state: "read",
            path: pathName, query: viewer.query, rtpPacketsSent: packetCount,
            // Whoever asks for packets again says so earlier than its reports do.
            rtpPacketsLost: max(feedback.lostCount, missedCount), rtpPacketsJitter: Double(jitter),
            rtcpPacketsReceived: transport.receivedControlCount, rtcpPacketsSent: transport.sentControlCount,
            bytesReceived: transport.inboundByteCount, bytesSent: outboundByteCount, rtpPacketsResent: resentCount,
            roundTripMilliseconds: feedback.roundTrip.map { $0 / .milliseconds(1) },
            bitsPerSecond: line.sentRate(at: now), lineBitsPerSecond: line.estimate, picturesLeftOut: leftOutCount)
    }
}
