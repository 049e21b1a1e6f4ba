/// What comes over an RTSP connection: text messages, and media between them.
public enum RTSPMessage: Sendable, Equatable {
    case request(RTSPRequest)
    case response(RTSPResponse)
    /// Interleaved binary data: an RTP or RTCP packet (RFC 2326 §10.12).
    case interleaved(channel: UInt8, payload: [UInt8])
}
