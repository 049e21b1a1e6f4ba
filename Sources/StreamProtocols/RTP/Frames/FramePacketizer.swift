/// Carries frames of sound in RTP packets, each in one of its own or in pieces: waiting for more frames to share a packet would
/// delay them.
public struct FramePacketizer<Format: FramePayloadFormat>: RTPPacketizer {
    public private(set) var numbering: RTPNumbering
    private let format: Format
    private let maxPayloadSize: Int

    /// - Parameter maxPayloadSize: in bytes; brought into the bounds of ``RTPPayloadSize``.
    public init(_ format: Format, numbering: RTPNumbering, maxPayloadSize: Int = RTPPayloadSize.standard) {
        self.format = format
        self.numbering = numbering
        self.maxPayloadSize = RTPPayloadSize.bounded(maxPayloadSize)
    }

    public mutating func packetize(_ sample: Sample) -> [RTPPacket] {
        guard case .frame(let frame) = sample.payload, !frame.isEmpty else { return [] }
        return format.payloads(of: frame, maxSize: maxPayloadSize).map { payload in
            numbering.packet(
                timestamp: numbering.rtpTimestamp(of: sample.presentationTime &+ payload.offset),
                marker: payload.marker, payload: payload.bytes)
        }
    }
}
