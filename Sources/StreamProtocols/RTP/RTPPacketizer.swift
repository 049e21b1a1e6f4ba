/// Cuts samples into RTP packets of one stream: it owns the sequence number and never reorders.
public protocol RTPPacketizer: Sendable {
    /// The packets of one sample, in order. The RTP timestamp is the sample's presentation time modulo 2³² plus the stream's
    /// offset. A sample of another format has none.
    mutating func packetize(_ sample: Sample) -> [RTPPacket]

    var numbering: RTPNumbering { get }
}

/// What the headers of one RTP stream's packets have in common (RFC 3550 §5.1).
public struct RTPNumbering: Sendable {
    public let payloadType: UInt8
    public let ssrc: UInt32
    /// The sequence number of the next packet.
    public internal(set) var nextSequenceNumber: UInt16
    /// Added to the presentation time, modulo 2³².
    public let timestampOffset: UInt32

    /// RFC 3550 §5.1 wants random SSRC, first sequence number and timestamp offset; the defaults are.
    public init(
        payloadType: UInt8 = 96, ssrc: UInt32 = .random(in: .min ... .max),
        sequenceNumber: UInt16 = .random(in: .min ... .max), timestampOffset: UInt32 = .random(in: .min ... .max)
    ) {
        self.payloadType = payloadType
        self.ssrc = ssrc
        nextSequenceNumber = sequenceNumber
        self.timestampOffset = timestampOffset
    }

    /// The RTP timestamp of a presentation time.
    public func rtpTimestamp(of presentationTime: Int64) -> UInt32 {
        // RFC 3550 §5.1: timestamps are modulo 2³².
        UInt32(truncatingIfNeeded: presentationTime) &+ timestampOffset
    }

    mutating func packet(timestamp: UInt32, marker: Bool = false, payload: ArraySlice<UInt8>) -> RTPPacket {
        // RFC 3550 §5.1: the sequence number is modulo 2¹⁶.
        defer { nextSequenceNumber &+= 1 }
        return RTPPacket(
            marker: marker, payloadType: payloadType, sequenceNumber: nextSequenceNumber, timestamp: timestamp,
            ssrc: ssrc, payload: payload)
    }
}

/// Bounds of what a packetizer puts into one packet, in bytes.
public enum RTPPayloadSize {
    /// Leaves room for IP, UDP, RTP and a tunnel's headers in an Ethernet frame of 1500 bytes.
    public static let standard = 1400
    /// For WebRTC: with RTP's header, header extensions, the number of a retransmission and SRTP's tag it stays below the 1232
    /// bytes that IPv6 carries on any path (RFC 8200 §5) in a datagram of UDP.
    public static let webRTC = 1180
    /// Less than this leaves no room for a fragment's header and data worth sending.
    public static let minimum = 64
    /// What interleaved framing and 16-bit lengths can carry.
    public static let maximum = 65_000

    /// A size brought into the bounds.
    static func bounded(_ size: Int) -> Int { min(max(size, minimum), maximum) }
}
