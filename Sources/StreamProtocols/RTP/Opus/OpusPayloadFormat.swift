/// Opus in RTP (RFC 7587 §4.2): each payload is one packet of Opus.
public struct OpusPayloadFormat: FramePayloadFormat {
    public init() {}

    public func frames(in packet: RTPPacket) -> [ArraySlice<UInt8>] { [packet.payload] }

    public func duration(of frame: ArraySlice<UInt8>) -> Int64 { Int64(OpusPacket.sampleCount(of: frame)) }

    /// One that does not fit in a datagram (three frames of 1275 bytes, §4.2) is left to IP: it can't be divided.
    public func payloads(of frame: ArraySlice<UInt8>, maxSize: Int) -> [FramePayload] {
        frame.count > RTPPayloadSize.maximum ? [] : [FramePayload(bytes: frame, marker: false)]
    }
}
