extension ControlAPI {
    /// An item of `GET /v3/webrtcsessions/list`. What MediaMTX does not tell is optional.
    public struct WebRTCSession: Hashable, Sendable, Codable {
        public var id: String
        public var created: String
        public var remoteAddr: String
        public var peerConnectionEstablished: Bool
        /// `host/udp/192.168.1.5/8189`
        public var localCandidate: String
        public var remoteCandidate: String
        /// `read` or `publish`
        public var state: String
        /// That which is sent: a viewer may have asked for another one, which has the same in H.265 or in more bits, and ends its session there.
        public var path: String
        public var query: String
        public var rtpPacketsSent: Int
        /// As the viewer reports; of a publisher, those that never came.
        public var rtpPacketsLost: Int
        /// Of the pictures, as the viewer reports it or as the publisher is told: in units of the track's clock (RFC 3550 §6.4.1).
        public var rtpPacketsJitter: Double
        public var rtcpPacketsReceived: Int
        public var rtcpPacketsSent: Int
        public var bytesReceived: Int
        public var bytesSent: Int
        /// Packets that the viewer missed and was sent again.
        public var rtpPacketsResent: Int?
        /// To the viewer and back; none before it has reported.
        public var roundTripMilliseconds: Double?
        /// What was sent in the last second; of a publisher, what came.
        public var bitsPerSecond: Int?
        /// What the viewer's line is believed to carry; none while it carries everything.
        public var lineBitsPerSecond: Int?
        /// Pictures that the viewer did not get because they would have been late.
        public var picturesLeftOut: Int?
        /// Of a publisher.
        public var rtpPacketsReceived: Int?

        public init(
            id: String, created: String, remoteAddr: String, peerConnectionEstablished: Bool, localCandidate: String,
            remoteCandidate: String, state: String, path: String, query: String, rtpPacketsSent: Int,
            rtpPacketsLost: Int, rtpPacketsJitter: Double, rtcpPacketsReceived: Int, rtcpPacketsSent: Int,
            bytesReceived: Int, bytesSent: Int, rtpPacketsResent: Int?, roundTripMilliseconds: Double?,
            bitsPerSecond: Int?, lineBitsPerSecond: Int?, picturesLeftOut: Int?, rtpPacketsReceived: Int? = nil
        ) {
            self.id = id
            self.created = created
            self.remoteAddr = remoteAddr
            self.peerConnectionEstablished = peerConnectionEstablished
            self.localCandidate = localCandidate
            self.remoteCandidate = remoteCandidate
            self.state = state
            self.path = path
            self.query = query
            self.rtpPacketsSent = rtpPacketsSent
            self.rtpPacketsLost = rtpPacketsLost
            self.rtpPacketsJitter = rtpPacketsJitter
            self.rtcpPacketsReceived = rtcpPacketsReceived
            self.rtcpPacketsSent = rtcpPacketsSent
            self.bytesReceived = bytesReceived
            self.bytesSent = bytesSent
            self.rtpPacketsResent = rtpPacketsResent
            self.roundTripMilliseconds = roundTripMilliseconds
            self.bitsPerSecond = bitsPerSecond
            self.lineBitsPerSecond = lineBitsPerSecond
            self.picturesLeftOut = picturesLeftOut
            self.rtpPacketsReceived = rtpPacketsReceived
        }
    }
}
