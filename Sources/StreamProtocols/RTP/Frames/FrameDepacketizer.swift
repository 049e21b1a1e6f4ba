/// Puts frames of sound together from RTP packets. Frames of which a packet is missing are left out.
public struct FrameDepacketizer<Format: FramePayloadFormat>: RTPDepacketizer {
    private var format: Format
    private var order = RTPPacketOrder()
    private var unwrapper = RTPTimestampUnwrapper()
    public private(set) var droppedSampleCount: UInt64 = 0

    public init(_ format: Format) { self.format = format }

    public var lostPacketCount: UInt64 { order.lostPacketCount }

    public mutating func depacketize(_ packet: RTPPacket) throws(RTPPayloadError) -> [Sample] {
        switch order.arrival(of: packet.sequenceNumber) {
        case .late: return []
        case .afterGap: if format.drop() { droppedSampleCount &+= 1 }
        case .inOrder: break
        }
        // Some senders keep a stream alive by packets without payload.
        guard !packet.payload.isEmpty else { return [] }
        let frames: [ArraySlice<UInt8>]
        do throws(RTPPayloadError) {
            frames = try format.frames(in: packet)
        } catch {
            _ = format.drop()
            droppedSampleCount &+= 1
            throw error
        }
        var time = unwrapper.unwrap(packet.timestamp)
        var samples: [Sample] = []
        samples.reserveCapacity(frames.count)
        for frame in frames {
            if !frame.isEmpty { samples.append(Sample(frame: frame, presentationTime: time)) }
            time &+= format.duration(of: frame)
        }
        return samples
    }
}
