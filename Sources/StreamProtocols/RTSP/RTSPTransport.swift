/// One alternative of a `Transport` header (RFC 2326 §12.39), e.g. `RTP/AVP/TCP;unicast;interleaved=0-1`.
public struct RTSPTransport: Sendable, Equatable {
    public enum LowerTransport: String, Sendable {
        case udp = "UDP"
        case tcp = "TCP"
    }

    public enum Delivery: String, Sendable {
        case unicast, multicast
    }

    public enum Mode: String, Sendable {
        case play, record
    }

    /// Two interleaved channels: for RTP and for RTCP.
    public struct ChannelPair: Sendable, Equatable {
        public var rtp: UInt8
        public var rtcp: UInt8

        public init(rtp: UInt8, rtcp: UInt8) {
            self.rtp = rtp
            self.rtcp = rtcp
        }
    }

    /// Two UDP ports: for RTP and for RTCP.
    public struct PortPair: Sendable, Equatable {
        public var rtp: UInt16
        public var rtcp: UInt16

        public init(rtp: UInt16, rtcp: UInt16) {
            self.rtp = rtp
            self.rtcp = rtcp
        }
    }

    /// Protocol and profile in upper case: `RTP/AVP` is the one that everybody speaks, `RTP/SAVP` is encrypted.
    public var profile: String
    public var lowerTransport: LowerTransport
    public var delivery: Delivery
    /// The channels of an interleaved transport. A client may leave them to the server.
    public var interleaved: ChannelPair?
    public var clientPort: PortPair?
    public var serverPort: PortPair?
    /// Multicast ports.
    public var port: PortPair?
    public var ssrc: UInt32?
    public var source: String?
    public var destination: String?
    public var ttl: UInt8?
    /// nil when it is not said, which means play (RFC 2326 §12.39).
    public var mode: Mode?

    public init(
        profile: String = "RTP/AVP",
        lowerTransport: LowerTransport,
        delivery: Delivery = .unicast,
        interleaved: ChannelPair? = nil,
        clientPort: PortPair? = nil,
        serverPort: PortPair? = nil,
        port: PortPair? = nil,
        ssrc: UInt32? = nil,
        source: String? = nil,
        destination: String? = nil,
        ttl: UInt8? = nil,
        mode: Mode? = nil
    ) {
        self.profile = profile
        self.lowerTransport = lowerTransport
        self.delivery = delivery
        self.interleaved = interleaved
        self.clientPort = clientPort
        self.serverPort = serverPort
        self.port = port
        self.ssrc = ssrc
        self.source = source
        self.destination = destination
        self.ttl = ttl
        self.mode = mode
    }
}
