import NIOCore
import StreamProtocols

/// The RTP packets of one sample, made once for all viewers of a profile.
///
/// RTSP's lie in one buffer, each framed as interleaved binary data (RFC 2326 §10.12), so that a TCP viewer is sent an
/// access unit by a single write; the others are sent parts of the same memory. WebRTC's are encrypted for each viewer.
final class MediaBatch: Sendable {
    /// Bytes before each packet: `$`, the channel, the length.
    private static let framingSize = 4

    let track: Int
    let rtpTimestamp: UInt32
    let firstSequenceNumber: UInt16
    let packetCount: Int
    /// Payload bytes, as sender reports count them.
    let octetCount: Int

    /// Those of WebRTC; each viewer gives them numbers of its own.
    let packets: [RTPPacket]
    let byteCount: Int

    private let framed: ByteBuffer
    private let ownChannel: UInt8

    /// The channel that most viewers choose for a track's RTP.
    static func usualChannel(of track: Int) -> UInt8 { UInt8(truncatingIfNeeded: 2 * track) }

    /// - Returns: nil when there is no packet.
    init?(packets: [RTPPacket], track: Int, profile: PacketProfile, allocator: ByteBufferAllocator) {
        guard let first = packets.first else { return nil }
        self.track = track
        rtpTimestamp = first.timestamp
        firstSequenceNumber = first.sequenceNumber
        packetCount = packets.count
        ownChannel = Self.usualChannel(of: track)
        octetCount = packets.reduce(0) { $0 + $1.payload.count }
        guard profile == .rtsp else {
            self.packets = packets
            byteCount = packets.reduce(0) { $0 + $1.byteCount }
            framed = ByteBuffer()
            return
        }

        var buffer = allocator.buffer(
            capacity: packets.reduce(0) { $0 + $1.byteCount + Self.framingSize })
        for packet in packets {
            buffer.writeInteger(UInt8(0x24))
            buffer.writeInteger(ownChannel)
            // Packets that are cut here stay below the limit, and those passed on came with such a length.
            buffer.writeInteger(UInt16(truncatingIfNeeded: packet.byteCount))
            buffer.writeInteger(UInt16(0x8000) | (packet.marker ? 0x80 : 0) | UInt16(packet.payloadType & 0x7F))
            buffer.writeInteger(packet.sequenceNumber)
            buffer.writeInteger(packet.timestamp)
            buffer.writeInteger(packet.ssrc)
            buffer.writeBytes(packet.payload)
        }
        self.packets = []
        byteCount = buffer.readableBytes
        framed = buffer
    }

    /// All packets for a viewer that chose `channel` for the track's RTP. Whoever chooses another one than most gets a copy of
    /// its own.
    func interleaved(channel: UInt8) -> ByteBuffer {
        if channel == ownChannel { return framed }
        var copy = framed
        var index = copy.readerIndex
        while let length = copy.getInteger(at: index + 2, as: UInt16.self) {
            copy.setInteger(channel, at: index + 1)
            index += Self.framingSize + Int(length)
        }
        return copy
    }

    /// RTSP's packets for UDP, without copying: their framing lies in the gaps between them.
    var runs: [DatagramRun] {
        var sizes: [Int] = []
        sizes.reserveCapacity(packetCount)
        var index = framed.readerIndex
        while let length = framed.getInteger(at: index + 2, as: UInt16.self) {
            sizes.append(Int(length))
            index += Self.framingSize + Int(length)
        }
        guard
            let packets = framed.getSlice(
                at: framed.readerIndex + Self.framingSize, length: framed.readableBytes - Self.framingSize)
        else { return [] }
        return DatagramRun.runs(of: packets, sizes: sizes, gap: Self.framingSize)
    }
}
