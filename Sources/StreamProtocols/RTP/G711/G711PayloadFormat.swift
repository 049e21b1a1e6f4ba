/// G.711 in RTP (RFC 3551 §4.5.14): bytes, as many as there are.
public struct G711PayloadFormat: FramePayloadFormat {
    private let channelCount: Int

    public init(channelCount: Int) { self.channelCount = max(channelCount, 1) }

    public func frames(in packet: RTPPacket) -> [ArraySlice<UInt8>] { [packet.payload] }

    public func duration(of frame: ArraySlice<UInt8>) -> Int64 { Int64(frame.count / channelCount) }

    public func payloads(of frame: ArraySlice<UInt8>, maxSize: Int) -> [FramePayload] {
        // Between two instants of all channels.
        let size = max(maxSize / channelCount, 1) * channelCount
        return stride(from: 0, to: frame.count, by: size).map { start in
            FramePayload(
                bytes: frame.dropFirst(start).prefix(size), marker: false, offset: Int64(start / channelCount))
        }
    }
}
