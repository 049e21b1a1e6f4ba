/// Whose a datagram is that comes to a port of WebRTC.
public enum WebRTCDatagram: Sendable, Equatable {
    case stun, dtls, rtp, rtcp
    /// Nobody's: it is dropped.
    case other

    /// Tells by the first byte (RFC 7983 §7), and RTCP from RTP by the second (RFC 5761 §4).
    public init(_ datagram: ArraySlice<UInt8>) {
        var bytes = ByteReader(datagram)
        guard let first = bytes.readUInt8(), let second = bytes.readUInt8() else {
            self = .other
            return
        }
        switch first {
        case 0...3: self = .stun
        case 20...63: self = .dtls
        case 128...191: self = (192...223).contains(second) ? .rtcp : .rtp
        default: self = .other
        }
    }
}
