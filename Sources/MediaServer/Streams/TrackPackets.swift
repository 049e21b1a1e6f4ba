import NIOCore
import StreamProtocols

/// The RTP packets of one track that the viewers of one profile get.
final class TrackPackets {
    let ssrc: UInt32
    private let track: Int
    private let profile: PacketProfile
    private var packetizer: any RTPPacketizer
    private let allocator: ByteBufferAllocator

    /// Sent so far, modulo 2³² as sender reports have it (RFC 3550 §6.4.1).
    private var packetCount: UInt32 = 0
    private var octetCount: UInt32 = 0
    /// Whether any packet was made.
    private(set) var hasPackets = false

    init(
        track: Int, format: RTPFormat, profile: PacketProfile, payloadSize: Int, allocator: ByteBufferAllocator
    ) {
        self.track = track
        self.profile = profile
        self.allocator = allocator
        packetizer = format.makePacketizer(maxPayloadSize: payloadSize)
        ssrc = packetizer.numbering.ssrc
    }

    /// The packets that carry a unit; nil when it can't be carried.
    func packetize(_ unit: StreamUnit) -> MediaBatch? {
        guard
            let batch = MediaBatch(
                packets: packetizer.packetize(sample(of: unit)), track: track, profile: profile, allocator: allocator)
        else { return nil }
        hasPackets = true
        packetCount &+= UInt32(truncatingIfNeeded: batch.packetCount)
        octetCount &+= UInt32(truncatingIfNeeded: batch.octetCount)
        return batch
    }

    /// Browsers tell pictures apart by their timestamps. A delimiter, which many cameras send, would be a packet of its own for
    /// each picture and viewer.
    private func sample(of unit: StreamUnit) -> Sample {
        guard profile == .webRTC, let codec = unit.media.videoCodec else { return unit.sample }
        var sample = unit.sample
        sample.payload = .nalUnits(sample.nalUnits.filter { codec.kind(of: $0) != .accessUnitDelimiter })
        return sample
    }

    /// The report that tells viewers which wall-clock time the track is at; nil before the first packet.
    ///
    /// - Parameter time: on the stream's line, in units of the track's clock.
    func senderReport(time: Int64, wallTime: NTPTimestamp) -> StreamReport? {
        guard hasPackets else { return nil }
        let report = RTCPSenderReport(
            ssrc: ssrc, ntpTimestamp: wallTime, rtpTimestamp: packetizer.numbering.rtpTimestamp(of: time),
            packetCount: packetCount, octetCount: octetCount)
        return StreamReport(
            track: track, senderReport: report,
            compound: RTCPPacket.serializeCompound([
                .senderReport(report),
                .sourceDescription(RTCPSourceDescription(ssrc: ssrc, cname: "toposync")),
            ]))
    }

    /// RFC 3550 §6.6
    var goodbye: StreamReport {
        StreamReport(
            track: track, senderReport: nil,
            compound: RTCPPacket.serializeCompound([
                .receiverReport(RTCPReceiverReport(ssrc: ssrc)),
                .sourceDescription(RTCPSourceDescription(ssrc: ssrc, cname: "toposync")),
                .goodbye(RTCPGoodbye(ssrcs: [ssrc])),
            ]))
    }
}
